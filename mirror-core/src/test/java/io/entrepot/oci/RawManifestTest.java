package io.entrepot.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawManifestTest {

  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private static final String CONFIG =
      descriptor("application/vnd.oci.image.config.v1+json", "7", "");

  @Test
  void parse_image_hasConfigLayersSubject() {
    Manifest manifest =
        parse(
            MediaType.OCI_MANIFEST,
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "artifactType":"application/x.sbom","config":%s,"layers":[%s],"subject":%s,
             "annotations":{"a":"b"}}\
            """
                .formatted(
                    CONFIG,
                    descriptor("application/vnd.oci.image.layer.v1.tar+gzip", "9", ""),
                    descriptor("application/vnd.oci.image.index.v1+json", "3", "")));

    assertThat(manifest).isInstanceOf(ImageManifest.class);
    assertThat(manifest.children()).hasSize(2);
    assertThat(manifest.subject()).isNotNull();
    assertThat(manifest.annotations()).containsEntry("a", "b");
    assertThat(manifest.artifactType()).isEqualTo("application/x.sbom");
  }

  @Test
  void parse_index_tellsImagesFromAttestations() {
    Index index =
        (Index)
            parse(
                MediaType.OCI_INDEX,
                "{\"schemaVersion\":2,\"manifests\":[%s,%s,%s]}"
                    .formatted(
                        entry("linux", "amd64", ""),
                        entry("unknown", "unknown", ""),
                        entry(
                            "linux",
                            "arm64",
                            ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}")));

    assertThat(index.manifests()).hasSize(3);
    assertThat(index.images()).hasSize(1);
  }

  @Test
  void parse_unknownTypesEverywhere_passThrough() {
    Manifest manifest =
        parse(
            MediaType.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s],\"future\":{\"x\":[1,2]}}"
                .formatted(
                    descriptor("application/x.strange+json", "2", ""),
                    descriptor("application/x.y.z", "2", ",\"futureField\":true")));

    assertThat(((ImageManifest) manifest).isRunnable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "<html>",
        "{",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"manifests\":{}}",
        "{\"schemaVersion\":2,\"manifests\":[{}]}",
        "{\"schemaVersion\":2,\"manifests\":[]} trailing",
        "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}",
        "{\"schemaVersion\":1,\"fsLayers\":[]}",
      })
  void parse_notAManifest_refused(String json) {
    assertThatThrownBy(() -> parse(MediaType.OCI_INDEX, json))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_indexAndImageAtOnce_refused() {
    assertThatThrownBy(
            () ->
                parse(
                    MediaType.OCI_INDEX,
                    "{\"schemaVersion\":2,\"manifests\":[],\"config\":%s,\"layers\":[]}"
                        .formatted(CONFIG)))
        .hasMessageContaining("ambiguous");
  }

  @Test
  void parse_statedTypeDiffersFromServed_refused() {
    assertThatThrownBy(
            () ->
                parse(
                    MediaType.OCI_INDEX,
                    "{\"mediaType\":\"%s\",\"manifests\":[]}".formatted(MediaType.DOCKER_LIST)))
        .hasMessageContaining("served as");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "\"12\"", "1e308", "99999999999999999999", "null"})
  void parse_absurdSize_refused(String size) {
    String layer = descriptor("application/x", size, "");
    assertThatThrownBy(
            () ->
                parse(
                    MediaType.OCI_MANIFEST,
                    "{\"config\":%s,\"layers\":[%s]}".formatted(CONFIG, layer)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_hugeButLegalSize_allocatesNothing() {
    String layer = descriptor("application/x", Long.toString(Long.MAX_VALUE), "");
    Manifest manifest =
        parse(MediaType.OCI_MANIFEST, "{\"config\":%s,\"layers\":[%s]}".formatted(CONFIG, layer));
    assertThat(manifest.children().getLast().size()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void parse_deepNesting_refusedWithoutStackOverflow() {
    assertThatThrownBy(() -> parse(MediaType.OCI_INDEX, "{\"x\":" + "[".repeat(100_000)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_moreEntriesThanAnyIndexHas_refused() {
    String entries = (entry("linux", "amd64", "") + ",").repeat(5000);
    assertThatThrownBy(
            () ->
                parse(
                    MediaType.OCI_INDEX,
                    "{\"manifests\":[" + entries.substring(0, entries.length() - 1) + "]}"))
        .hasMessageContaining("at most");
  }

  @Test
  void of_fourMebibytesAndOne_refused() {
    assertThat(RawManifest.of(MediaType.OCI_INDEX, new byte[RawManifest.MAX_BYTES]).size())
        .isEqualTo(4 * 1024 * 1024);
    assertThatThrownBy(
            () -> RawManifest.of(MediaType.OCI_INDEX, new byte[RawManifest.MAX_BYTES + 1]))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void received_silentContentType_documentDecides() {
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    assertThat(RawManifest.received("application/json", index, Digest.Algorithm.SHA256).mediaType())
        .isEqualTo(MediaType.OCI_INDEX);
    assertThat(RawManifest.received(null, index, Digest.Algorithm.SHA256).mediaType())
        .isEqualTo(MediaType.OCI_INDEX);
  }

  @Test
  void received_captivePortal_refused() {
    assertThatThrownBy(
            () ->
                RawManifest.received(
                    "text/html; charset=utf-8",
                    "<html>log in".getBytes(UTF_8),
                    Digest.Algorithm.SHA256))
        .hasMessageContaining("web page");
  }

  @Test
  void received_nothing_refused() {
    assertThatThrownBy(
            () ->
                RawManifest.received(
                    MediaType.OCI_INDEX.value(), new byte[0], Digest.Algorithm.SHA256))
        .hasMessageContaining("an empty answer");
  }

  private static Manifest parse(MediaType type, String json) {
    return RawManifest.of(type, json.getBytes(UTF_8)).parse();
  }

  private static String entry(String os, String architecture, String more) {
    return descriptor(
        "application/vnd.oci.image.manifest.v1+json",
        "5",
        ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"}%s"
            .formatted(os, architecture, more));
  }

  private static String descriptor(String type, String size, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%s%s}"
        .formatted(type, DIGEST, size, more);
  }

  private static Manifest parsed(String json) {
    return RawManifest.of(MediaType.OCI_INDEX, json.getBytes(UTF_8)).parse();
  }

  private static final String ENTRY =
      "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":7%%s}"
          .formatted(MediaType.OCI_MANIFEST, "a".repeat(64));

  @Test
  void oddFieldsOfAnEntry_costTheirMeaning_withAWarning() {
    Manifest index =
        parsed(
            "{\"schemaVersion\":2,\"subject\":null,\"annotations\":{\"a\":\"1\",\"b\":2},\"manifests\":[%s,%s,%s]}"
                .formatted(
                    ENTRY.formatted(",\"platform\":{\"os\":\"li nux\",\"architecture\":\"amd64\"}"),
                    ENTRY.formatted(",\"annotations\":[1],\"artifactType\":7"),
                    ENTRY.formatted(
                        ",\"platform\":{\"os\":\"darwin\",\"architecture\":\"arm64\","
                            + "\"os.version\":\"macOS 13.0\",\"os.features\":[\"b\",\"a\"]}")));
    assertThat(index.subject()).isNull();
    assertThat(index.annotations()).containsExactly(Map.entry("a", "1"));
    assertThat(index.children())
        .extracting(Descriptor::platform)
        .containsExactly(
            null, null, new Platform("darwin", "arm64", null, "macOS 13.0", List.of("a", "b")));
    assertThat(index.warnings())
        .satisfiesExactly(
            annotation -> assertThat(annotation).contains("annotations.b"),
            platform -> assertThat(platform).contains("manifests[0].platform").contains("li nux"),
            type -> assertThat(type).contains("artifactType"),
            annotations -> assertThat(annotations).contains("manifests[1].annotations"));
  }

  @Test
  void entriesWithAnArtifactType_areNoImages() {
    Index index =
        (Index)
            parsed(
                "{\"schemaVersion\":2,\"manifests\":[%s,%s]}"
                    .formatted(
                        ENTRY.formatted(",\"artifactType\":\"application/spdx+json\""),
                        ENTRY.formatted(
                            ",\"artifactType\":\"application/vnd.oci.image.config.v1+json\"")));
    assertThat(index.images()).containsExactly(index.manifests().getLast());
  }

  @Test
  void configurationOf2016_isAnImagesInADockerManifestOnly() {
    String manifest =
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/octet-stream\","
            + "\"digest\":\"sha256:%s\",\"size\":2},\"layers\":[]}".formatted("a".repeat(64));
    assertThat(RawManifest.of(MediaType.DOCKER_MANIFEST, manifest.getBytes(UTF_8)).parse())
        .isInstanceOfSatisfying(
            ImageManifest.class, image -> assertThat(image.isRunnable()).isTrue());
    assertThat(RawManifest.of(MediaType.OCI_MANIFEST, manifest.getBytes(UTF_8)).parse())
        .isInstanceOfSatisfying(
            ImageManifest.class, image -> assertThat(image.isRunnable()).isFalse());
  }

  @Test
  void unknownFields_takeNoMemory_howeverManyValuesTheyHold() {
    String values = "{},".repeat(300_000) + "{}";
    byte[] index =
        "{\"schemaVersion\":2,\"manifests\":[%s],\"x\":[%s]}"
            .formatted(ENTRY.formatted(",\"data\":\"aGk=\""), values)
            .getBytes(UTF_8);
    RawManifest raw = RawManifest.of(MediaType.OCI_INDEX, index);
    raw.parse();
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    Index parsed = (Index) raw.parse();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(parsed.manifests()).hasSize(1);
    assertThat(allocated).as("a tree would take 20 MB").isLessThan(2_000_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"future\":{\"a\":1,\"a\":2}",
        "\"future\":[{\"b\":{\"a\":1,\"a\":2}}]",
        "\"schemaVersion\":2",
        "\"future\":[1,}",
        "\"future\":1}{"
      })
  void whatIsNotLookedAt_isCheckedAllTheSame(String more) {
    String text = "{\"schemaVersion\":2,\"manifests\":[],%s}".formatted(more);
    assertThatThrownBy(() -> parsed(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void moreEntriesThanAreTaken_areRefused() {
    String most = (ENTRY.formatted("") + ",").repeat(4095) + ENTRY.formatted("");
    assertThat(((Index) parsed("{\"schemaVersion\":2,\"manifests\":[" + most + "]}")).manifests())
        .hasSize(4096);
    assertThatThrownBy(
            () -> parsed("{\"schemaVersion\":2,\"manifests\":[" + most + "," + most + "]}"))
        .hasMessageContaining("manifests")
        .hasMessageContaining("4096");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"artifactType\":{\"a\":[1]}", "\"annotations\":[{\"a\":1}]"})
  void structureWhereTextIsExpected_costsItself(String more) {
    Index index = (Index) parsed("{\"schemaVersion\":2,\"manifests\":[],%s}".formatted(more));
    assertThat(index.warnings()).hasSize(1);
    assertThat(index.artifactType()).isNull();
    assertThat(index.annotations()).isEmpty();
  }
}
