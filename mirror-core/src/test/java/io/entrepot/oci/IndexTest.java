package io.entrepot.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IndexTest {

  private static final Digest DIGEST = Digest.of("content".getBytes(UTF_8));

  @Test
  void everyField_isWrittenInAFixedOrder_andReadBackTheSame() {
    Descriptor full =
        new Descriptor(
            MediaType.OCI_MANIFEST,
            DIGEST,
            7,
            new Platform("windows", "amd64", "v2", "10.0.20348.1"),
            "application/spdx+json",
            Map.of("b", "2", "a", "1"),
            List.of("https://example.com/layer"));

    RawManifest list = Index.of(MediaType.OCI_INDEX, List.of(full));

    assertThat(new String(list.bytes(), UTF_8))
        .isEqualTo(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"digest\":\"%s\",\"size\":7,".formatted(DIGEST)
                + "\"platform\":{\"architecture\":\"amd64\",\"os\":\"windows\",\"variant\":\"v2\","
                + "\"os.version\":\"10.0.20348.1\"},\"artifactType\":\"application/spdx+json\","
                + "\"annotations\":{\"a\":\"1\",\"b\":\"2\"},"
                + "\"urls\":[\"https://example.com/layer\"]}]}");
    assertThat(list.parse().children()).containsExactly(full);
  }

  @Test
  void whatIsEmpty_isNotWritten() {
    Descriptor plain = Descriptor.of(MediaType.OCI_MANIFEST, DIGEST, 7);
    assertThat(new String(Index.json(MediaType.OCI_INDEX, List.of(plain)), UTF_8))
        .endsWith(
            "\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":7}]}"
                .formatted(MediaType.OCI_MANIFEST, DIGEST));
  }

  @Test
  void order_isTheCallers() {
    Descriptor one = Descriptor.of(MediaType.OCI_MANIFEST, DIGEST, 7);
    Descriptor other = Descriptor.of(MediaType.OCI_MANIFEST, Digest.of(new byte[1]), 1);
    assertThat(Index.of(MediaType.OCI_INDEX, List.of(other, one)).parse().children())
        .containsExactly(other, one);
  }
}
