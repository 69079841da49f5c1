package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AssembledIndexTest {

  private static Descriptor entry(MediaType type, String platform) {
    byte[] bytes = platform.getBytes(StandardCharsets.UTF_8);
    return new Descriptor(
        type, Digest.of(bytes), bytes.length, Platform.parse(platform), null, Map.of(), List.of());
  }

  @Test
  void bytes_areTheSameWhateverTheOrderOfTheParts() {
    Descriptor amd64 = entry(MediaType.OCI_MANIFEST, "linux/amd64");
    Descriptor arm64 = entry(MediaType.OCI_MANIFEST, "linux/arm64");
    assertThat(AssembledIndex.of(List.of(arm64, amd64)).bytes())
        .isEqualTo(AssembledIndex.of(List.of(amd64, arm64)).bytes());
    assertThat(new String(AssembledIndex.of(List.of(amd64)).bytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"digest\":\"%s\",\"size\":11,".formatted(amd64.digest())
                + "\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}");
  }

  @Test
  void dockerPartsAlone_makeADockerList_mixedOnesAnIndex() {
    Descriptor docker = entry(MediaType.DOCKER_MANIFEST, "linux/amd64");
    Descriptor oci = entry(MediaType.OCI_MANIFEST, "linux/arm/v6");
    assertThat(AssembledIndex.of(List.of(docker)).mediaType()).isEqualTo(MediaType.DOCKER_LIST);
    assertThat(AssembledIndex.of(List.of(docker, oci)).mediaType()).isEqualTo(MediaType.OCI_INDEX);
    assertThat(AssembledIndex.of(List.of(docker, oci)).parse().children())
        .extracting(Descriptor::platform)
        .containsExactly(Platform.parse("linux/amd64"), Platform.parse("linux/arm/v6"));
  }
}
