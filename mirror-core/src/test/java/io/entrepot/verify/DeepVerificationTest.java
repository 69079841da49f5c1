package io.entrepot.verify;

import static io.entrepot.verify.MemoryImages.entry;
import static io.entrepot.verify.MemoryImages.platform;
import static io.entrepot.verify.TarBytes.elf;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.verify.Problem.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeepVerificationTest {

  private static final ImageReference NAME = ImageReference.parse("quay.io/acme/app:1");
  private static final byte[] AMD64 = elf(62);
  private static final byte[] ARM64 = elf(183);

  private final MemoryImages images = new MemoryImages();

  /** Verifies an arm64 image with these layers, the lowest first. */
  private Verification verify(String config, byte[]... layers) {
    Descriptor[] descriptors = Arrays.stream(layers).map(images::layer).toArray(Descriptor[]::new);
    return verify(config, descriptors);
  }

  private Verification verify(String config, Descriptor... layers) {
    RawManifest image =
        images.image(platform("linux", "arm64") + ",\"config\":{" + config + "}", layers);
    return PlatformVerifier.verify(
        NAME,
        images.index(entry(image, "linux/arm64")),
        images,
        Requirement.of(List.of(Platform.parse("linux/arm64"))).deeply());
  }

  private static String start(String... words) {
    return "\"Entrypoint\":[\"" + String.join("\",\"", words) + "\"]";
  }

  private static List<String> found(Verification verification) {
    assertThat(verification.problems()).isEmpty();
    List<String> evidence = verification.platforms().getFirst().evidence();
    return evidence.subList(3, evidence.size());
  }

  private static TarBytes tar() {
    return new TarBytes();
  }

  @Test
  void rightBinary_isEvidence() {
    assertThat(found(verify(start("/app"), tar().file("app", ARM64).gzip())))
        .containsExactly("binary /app (ELF arm64)");
    assertThat(found(verify(start("/app"), tar().file("./app", ARM64).zstd())))
        .containsExactly("binary /app (ELF arm64)");
    assertThat(found(verify(start("/app"), tar().file("app", ARM64).plain())))
        .containsExactly("binary /app (ELF arm64)");
  }

  @Test
  void wrongBinary_isNamed_withPathAndBothArchitectures() {
    Verification verification =
        verify(start("/usr/bin/app"), tar().file("usr/bin/app", AMD64).gzip());
    assertThat(verification.problems()).hasSize(1);
    Problem problem = verification.problems().getFirst();
    assertThat(problem.kind()).isEqualTo(Kind.WRONG_BINARY);
    assertThat(problem.toString())
        .startsWith(
            "quay.io/acme/app:1: linux/arm64: /usr/bin/app is an ELF for amd64, the index says"
                + " arm64: this pod would end in \"exec format error\"");
    assertThat(verification.platforms().getFirst().present()).isFalse();
  }

  @Test
  void topLayerWins_andLowerLayersAreNotRead() {
    byte[] lower = tar().directory("bin").file("bin/app", AMD64).gzip();
    byte[] upper = tar().directory("bin").file("bin/app", ARM64).gzip();
    assertThat(found(verify(start("/bin/app"), lower, upper)))
        .containsExactly("binary /bin/app (ELF arm64)");
    assertThat(images.read).hasSize(1);
  }

  @Test
  void whiteouts_hideWhatIsBelow() {
    byte[] lower = tar().file("opt/app", AMD64).gzip();
    for (String whiteout : List.of("opt/.wh.app", ".wh.opt", "opt/.wh..wh..opq", ".wh..wh..opq")) {
      byte[] upper = tar().file(whiteout, "").gzip();
      assertThat(found(verify(start("/opt/app"), lower, upper)))
          .as(whiteout)
          .singleElement()
          .asString()
          .startsWith("not judged: /opt");
    }
    byte[] again = tar().file("opt/.wh..wh..opq", "").file("opt/app", ARM64).gzip();
    assertThat(found(verify(start("/opt/app"), lower, again)))
        .containsExactly("binary /opt/app (ELF arm64)");
  }

  @Test
  void symbolicLinks_areFollowedAcrossLayers() {
    byte[] lower =
        tar()
            .directory("usr/bin")
            .symlink("bin", "usr/bin")
            .file("usr/bin/busybox", ARM64)
            .symlink("usr/bin/sh", "busybox")
            .gzip();
    byte[] upper = tar().symlink("start", "../../bin/./sh").gzip();
    assertThat(found(verify(start("/start"), lower, upper)))
        .containsExactly("binary /usr/bin/busybox (ELF arm64)");
  }

  @Test
  void fileWrittenBelowALinkOfALowerLayer_isFound() {
    byte[] lower = tar().symlink("bin", "usr/bin").file("usr/bin/app", AMD64).gzip();
    byte[] upper = tar().file("bin/app", ARM64).gzip();
    assertThat(found(verify(start("/bin/app"), lower, upper)))
        .containsExactly("binary /bin/app (ELF arm64)");
  }

  @Test
  void linkLoop_ends_notJudged() {
    byte[] layer = tar().symlink("a", "b").symlink("b", "/a").hardlink("c", "c").gzip();
    assertThat(found(verify(start("/a"), layer)).getFirst()).contains("loop of links");
    assertThat(found(verify(start("/c"), layer)).getFirst()).startsWith("not judged");
  }

  @Test
  void hardLinks_leadToTheBinary() {
    byte[] lower = tar().file("bin/busybox", ARM64).gzip();
    byte[] upper = tar().hardlink("bin/ls", "/bin/busybox").gzip();
    assertThat(found(verify(start("ls"), lower, upper)))
        .containsExactly("binary /bin/ls (ELF arm64)");
  }

  @Test
  void pathIsSearchedInOrder_andRelativeToTheWorkingDirectory() {
    byte[] layer =
        tar().file("one/app", ARM64).file("two/app", AMD64).file("work/app", AMD64).gzip();
    String path = ",\"Env\":[\"PATH=/none:/one:/two\"]";
    assertThat(found(verify(start("app") + path, layer)))
        .containsExactly("binary /one/app (ELF arm64)");
    assertThat(verify(start("./app") + ",\"WorkingDir\":\"/work\"", layer).problems()).hasSize(1);
  }

  @Test
  void scriptsInterpreter_andWhatItStarts_areChecked() {
    byte[] layer =
        tar()
            .file("entry.sh", "#!/usr/bin/env sh\nexec \"$@\"\n")
            .file("usr/bin/env", ARM64)
            .file("bin/sh", ARM64)
            .file("usr/bin/server", AMD64)
            .gzip();
    Verification verification = verify(start("/entry.sh", "server"), layer);
    assertThat(verification.platforms().getFirst().evidence())
        .contains(
            "script /entry.sh", "binary /usr/bin/env (ELF arm64)", "binary /bin/sh (ELF arm64)");
    assertThat(verification.problems())
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.message()).startsWith("/usr/bin/server is an ELF"));
  }

  @Test
  void wrappersAndShellForms_areSeenThrough() {
    byte[] layer = tar().file("sbin/tini", ARM64).file("bin/sh", ARM64).file("app", AMD64).gzip();
    assertThat(verify(start("/sbin/tini", "-g", "--", "/app"), layer).problems()).hasSize(1);
    assertThat(verify(start("/bin/sh", "-c", "exec /app --x"), layer).problems()).hasSize(1);
    assertThat(found(verify(start("/bin/sh", "-c", "echo hello"), layer)))
        .containsExactly("binary /bin/sh (ELF arm64)");
  }

  @Test
  void nothingToStart_isNotJudged_neverPassedAsChecked() {
    assertThat(found(verify("", tar().file("data", "x").gzip())))
        .containsExactly("not judged: the image names neither entrypoint nor command");
    assertThat(found(verify(start("/gone"), tar().file("data", "x").gzip())))
        .containsExactly("not judged: /gone is not in the image");
    assertThat(found(verify(start("/data"), tar().file("data", "plain text").gzip())))
        .containsExactly("not judged: /data is neither a program nor a script");
  }

  @Test
  void namesThatClimb_areNotTaken() {
    byte[] layer = tar().file("../app", ARM64).file("x/../../app", ARM64).gzip();
    assertThat(found(verify(start("/app"), layer)))
        .containsExactly("not judged: /app is not in the image");
  }

  @Test
  void damagedLayers_areProblems() {
    byte[] whole = tar().file("app", new byte[100_000]).file("z", ARM64).gzip();
    byte[] noTar = TarBytes.gzip("x".repeat(2000).getBytes(StandardCharsets.UTF_8));
    byte[] shortTar = Arrays.copyOf(tar().file("app", new byte[5000]).plain(), 2000);
    byte[] zstd = tar().file("app", elf(183)).zstd();
    for (byte[] layer :
        List.of(
            Arrays.copyOf(whole, whole.length / 2),
            noTar,
            shortTar,
            Arrays.copyOf(zstd, zstd.length - 9))) {
      Verification verification = verify(start("/z"), layer);
      assertThat(verification.problems())
          .extracting(Problem::kind)
          .containsExactly(Kind.BROKEN_CONTENT);
    }
  }

  @Test
  void hugeHeaders_areNotBelieved() {
    byte[] longName = tar().header("x", 'L', "", "77777777777").gzip();
    assertThat(found(verify(start("/z"), longName)).getFirst()).contains("at most 1048576");
    byte[] hugeFile = tar().header("x", '0', "", "77777777777").gzip();
    assertThat(verify(start("/z"), hugeFile).problems()).hasSize(1);
    byte[] pax = "99999999 path=x\n".getBytes(StandardCharsets.UTF_8);
    byte[] badPax = tar().header("p", 'x', "", Integer.toOctalString(pax.length)).data(pax).gzip();
    assertThat(verify(start("/z"), badPax).problems()).hasSize(1);
  }

  @Test
  void bomb_isNotUnpackedToTheEnd() throws IOException {
    int size = 300 << 20;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream zstd = new ZstdOutputStreamNoFinalizer(packed)) {
      zstd.write(tar().header("x", '0', "", Integer.toOctalString(size)).plain(), 0, 512);
      byte[] zeros = new byte[1 << 20];
      for (int written = 0; written < size; written += zeros.length) {
        zstd.write(zeros);
      }
    }
    assertThat(found(verify(start("/z"), packed.toByteArray())).getFirst())
        .contains("unpacks to more than");
  }

  @Test
  void longNames_ofPaxAndGnu_areRead() {
    String name = "d/".repeat(80) + "app";
    byte[] record =
        "%d path=%s\n".formatted(name.length() + 10, name).getBytes(StandardCharsets.UTF_8);
    byte[] pax =
        tar()
            .header("p", 'x', "", Integer.toOctalString(record.length))
            .data(record)
            .file("short", ARM64)
            .gzip();
    assertThat(found(verify(start("/" + name), pax))).hasSize(1).first().asString().contains("ELF");
    byte[] bytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] gnu =
        tar()
            .header("././@LongLink", 'L', "", Integer.toOctalString(bytes.length))
            .data(bytes)
            .file("short", ARM64)
            .gzip();
    assertThat(found(verify(start("/" + name), gnu))).hasSize(1).first().asString().contains("ELF");
  }

  @Test
  void gzipOfSeveralMembers_isReadToItsEnd() {
    byte[] whole = tar().file("first", new byte[3000]).file("app", ARM64).plain();
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.writeBytes(TarBytes.gzip(Arrays.copyOf(whole, 1000)));
    members.writeBytes(TarBytes.gzip(Arrays.copyOfRange(whole, 1000, whole.length)));
    assertThat(found(verify(start("/app"), members.toByteArray()))).hasSize(1);
  }

  @Test
  void foreignLayer_isNotJudged() {
    Descriptor foreign =
        images.blob(
            new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            new byte[10]);
    assertThat(found(verify(start("/app"), foreign)).getFirst()).contains("a foreign layer");
  }

  @Test
  void missingLayer_isAProblem() {
    Descriptor layer = images.layer(tar().file("app", ARM64).gzip());
    images.blobs.remove(layer.digest());
    assertThat(verify(start("/app"), layer).problems())
        .extracting(Problem::kind)
        .containsExactly(Kind.MISSING_CONTENT);
  }

  @Test
  void namesThatWouldFillTheMemory_areNotKept() {
    TarBytes tar = tar();
    for (int i = 0; i < 120; i++) {
      byte[] name = (i + "/" + "d/".repeat(2000) + "f\0").getBytes(StandardCharsets.UTF_8);
      tar.header("l", 'L', "", Integer.toOctalString(name.length)).data(name).file("f", "");
    }
    assertThat(found(verify(start("/z"), tar.gzip())).getFirst()).contains("too much memory");
  }

  @Test
  void endlessWrapping_andControlCharacters_doNoHarm() {
    byte[] layer = tar().file("bin/tini", ARM64).gzip();
    String[] words = new String[20_000];
    Arrays.fill(words, "tini");
    assertThat(found(verify(start(words), layer))).containsExactly("binary /bin/tini (ELF arm64)");
    assertThat(found(verify(start("/\\u001b[2J"), layer)))
        .containsExactly("not judged: /\uFFFD[2J is not in the image");
  }
}
