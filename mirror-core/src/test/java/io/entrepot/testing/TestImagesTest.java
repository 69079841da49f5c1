package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestImagesTest {

  @Test
  void image_hasConfigurationLayersAndDigestsThatFit() throws Exception {
    TestImage image = TestImages.image("linux/arm64");

    ImageManifest manifest = (ImageManifest) image.manifest().parse();
    assertThat(manifest.isRunnable()).isTrue();
    assertThat(digestsOf(manifest)).isEqualTo(image.allBlobs());
    for (int i = 0; i < image.blobs().size(); i++) {
      assertThat(manifest.children().get(i).size()).isEqualTo(image.blobs().get(i).length);
    }
    ImageConfig config = ImageConfig.parse(image.blobs().getFirst());
    assertThat(config.platform()).isEqualTo(Platform.parse("linux/arm64"));
    assertThat(config.entrypoint()).containsExactly("/app");
    byte[] archive =
        new GZIPInputStream(new ByteArrayInputStream(image.blobs().get(1))).readAllBytes();
    assertThat(new String(image.blobs().getFirst(), UTF_8)).contains(Digest.of(archive).toString());
    assertThat(TestImages.image("linux/arm64").digest()).isEqualTo(image.digest());
    assertThat(TestImages.image("linux/amd64").digest()).isNotEqualTo(image.digest());
  }

  @Test
  void dockerImage_hasDockersTypes() {
    TestImage image = TestImages.dockerImage("linux/amd64", Layer.random(1, 100));
    ImageManifest manifest = (ImageManifest) image.manifest().parse();
    assertThat(manifest.mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
    assertThat(manifest.children())
        .extracting(Descriptor::mediaType)
        .containsExactly(MediaType.DOCKER_CONFIG, Layer.DOCKER_GZIP);
    assertThat(TestImages.dockerList(image).manifest().parse().mediaType())
        .isEqualTo(MediaType.DOCKER_LIST);
  }

  @Test
  void layer_isAnArchiveThatTarReads(@TempDir Path directory) throws Exception {
    Layer layer =
        Layer.files()
            .directory("bin")
            .program("bin/busybox", "arm64")
            .symlink("bin/sh", "busybox")
            .hardlink("bin/ash", "bin/busybox")
            .file("etc/hello", "hello".getBytes(UTF_8))
            .whiteout("etc/gone")
            .gzip();
    Files.write(directory.resolve("layer.tar.gz"), layer.bytes());
    Process tar =
        new ProcessBuilder("tar", "-xzf", "layer.tar.gz")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes(), UTF_8);
    assertThat(tar.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(tar.exitValue()).as(said).isZero();
    assertThat(said).isEmpty();

    assertThat(directory.resolve("etc/hello")).hasContent("hello");
    assertThat(directory.resolve("bin/busybox")).isExecutable();
    assertThat(Files.readSymbolicLink(directory.resolve("bin/sh"))).hasToString("busybox");
    assertThat(Files.readAllBytes(directory.resolve("bin/ash"))).isEqualTo(Elf.header("arm64"));
    assertThat(directory.resolve("etc/.wh.gone")).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "amd64, 2, 1, 62, 64",
    "arm64, 2, 1, 183, 64",
    "arm, 1, 1, 40, 52",
    "386, 1, 1, 3, 52",
    "s390x, 2, 2, 22, 64",
    "ppc64le, 2, 1, 21, 64"
  })
  void elf_saysItsMachine(String architecture, int width, int order, int machine, int size) {
    byte[] header = Elf.header(architecture);
    assertThat(header).startsWith(0x7F, 'E', 'L', 'F', width, order, 1).hasSize(size);
    int low = order == 1 ? 18 : 19;
    assertThat(header[low] & 0xFF).isEqualTo(machine);
    assertThat(header[37 - low]).isZero();
  }

  @Test
  void index_listsPlatformsAndMayLie() {
    TestImage index =
        TestImages.index(
            TestImages.image("linux/amd64"),
            TestImages.image("linux/arm/v6"),
            TestImages.mislabelled("linux/arm64", "amd64"),
            TestImages.image("linux/amd64").listedAs("linux/s390x"));
    assertThat(((Index) index.manifest().parse()).images())
        .extracting(Descriptor::platform)
        .containsExactly(
            Platform.parse("linux/amd64"),
            Platform.parse("linux/arm/v6"),
            Platform.parse("linux/arm64"),
            Platform.parse("linux/s390x"));
    TestImage nested = TestImages.index(index, TestImages.image("linux/riscv64"));
    assertThat(nested.manifest().parse().children().getFirst().mediaType())
        .isEqualTo(MediaType.OCI_INDEX);
  }

  @Test
  void attestations_areListedAsBuildKitDoes() {
    TestImage index = TestImages.withAttestations("linux/amd64", "linux/arm64");
    Index parsed = (Index) index.manifest().parse();
    assertThat(parsed.manifests()).hasSize(4);
    assertThat(parsed.images()).hasSize(2);
    Descriptor attestation = parsed.manifests().get(2);
    assertThat(attestation.isAttestation()).isTrue();
    assertThat(attestation.annotations())
        .containsEntry(
            "vnd.docker.reference.digest", parsed.manifests().getFirst().digest().toString());
  }

  @Test
  void artifacts_nameTypeAndSubject() {
    TestImage image = TestImages.image("linux/amd64");
    ImageManifest sbom =
        (ImageManifest)
            TestImages.referrer(image, TestImages.SPDX, "x".getBytes(UTF_8)).manifest().parse();
    assertThat(sbom.artifactType()).isEqualTo(TestImages.SPDX);
    assertThat(sbom.subject()).isEqualTo(image.manifest().descriptor());
    assertThat(sbom.isRunnable()).isFalse();
    ImageManifest chart =
        (ImageManifest) TestImages.helmChart("gateway", "1.5.4").manifest().parse();
    assertThat(chart.isRunnable()).isFalse();
    assertThat(chart.layers()).hasSize(1);
    assertThat(TestImages.cosignSignature(image).manifest().parse().subject()).isNull();
    assertThat(TestImages.cosignTag(image, "sig"))
        .isEqualTo("sha256-" + image.digest().hex() + ".sig");
    assertThat(TestImages.referrersTag(image)).isEqualTo("sha256-" + image.digest().hex());
  }

  @Test
  void push_putsEverythingThere_asTheRegistryItselfWouldTakeIt() throws Exception {
    TestImage image = TestImages.image("linux/amd64");
    List<TestImage> all =
        List.of(
            image,
            TestImages.index(TestImages.withAttestations("linux/amd64", "linux/arm64"), image),
            TestImages.dockerList(
                TestImages.dockerImage("linux/amd64", Layer.random(1, 100)),
                TestImages.builder("windows/amd64")
                    .docker()
                    .foreignLayer("https://example.org/layer")
                    .build()),
            TestImages.busybox("linux/arm64", "arm64"),
            TestImages.referrer(image, TestImages.NOTATION, new byte[] {1}),
            TestImages.cosignSignature(image),
            TestImages.artifact("application/x-thing", new byte[] {2}),
            TestImages.helmChart("gateway", "1.5.4"));
    try (TestRegistry registry = TestRegistry.start();
        HttpClient client = HttpClient.newHttpClient()) {
      for (TestImage one : all) {
        one.push(registry, "a/b", "1");
        assertThat(registry.manifest("a/b", "1").bytes()).isEqualTo(one.manifest().bytes());
        assertThat(one.allBlobs()).allMatch(blob -> registry.hasBlob("a/b", blob));
        HttpRequest again =
            HttpRequest.newBuilder(URI.create(registry.origin() + "/v2/a/b/manifests/2"))
                .PUT(BodyPublishers.ofByteArray(one.manifest().bytes()))
                .header("Content-Type", one.manifest().mediaType().value())
                .build();
        HttpResponse<String> put = client.send(again, BodyHandlers.ofString());
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
      }
      assertThat(registry.reference("a/b", "1"))
          .hasToString("127.0.0.1:" + registry.port() + "/a/b:1");
      TestImages.multiPlatform("linux/s390x").pushManifestOnly(registry, "c", "x");
      Manifest lonely = registry.manifest("c", "x").parse();
      assertThat(registry.hasManifest("c", lonely.children().getFirst().digest().toString()))
          .isFalse();
    }
  }

  private static List<Digest> digestsOf(Manifest manifest) {
    return manifest.children().stream().map(Descriptor::digest).toList();
  }
}
