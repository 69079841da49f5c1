package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Three keys that an operator joins. */
final class OperatorImageTest {

  private final OneFormat read = new OneFormat(new OperatorImage());

  @Test
  void prefixNameAndVersion_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            driver:
              repository: nvcr.io/nvidia
              image: driver
              version: "580.65"
            """);

    assertThat(result.sites()).containsExactly("driver = nvcr.io/nvidia/driver:580.65");
  }

  @Test
  void digestAsVersion_isTheImagesDigest() {
    String digest = "sha256:" + "1".repeat(64);
    OneFormat.Result result =
        read.of(
            """
            toolkit: {repository: nvcr.io/nvidia/k8s, image: container-toolkit, version: "%s"}
            """
                .formatted(digest));

    assertThat(result.sites())
        .containsExactly("toolkit = nvcr.io/nvidia/k8s/container-toolkit@" + digest);
  }

  @Test
  void withoutVersionOrName_theOperatorChooses() {
    OneFormat.Result result =
        read.of(
            """
            driver:
              repository: nvcr.io/nvidia
              image: driver
            toolkit:
              repository: nvcr.io/nvidia
              image: ""
              version: "1.2"
            """);

    assertThat(result.sites())
        .containsExactly("driver = nvcr.io/nvidia/driver", "toolkit = nvcr.io/nvidia");
  }

  @Test
  void otherMapsWithTheseKeys_areNone() {
    OneFormat.Result result =
        read.of(
            """
            chart: {repository: https://charts.example.com, image: app, version: 1.2.3}
            git: {repository: github.com/acme/app, image: app, version: v1}
            hub: {repository: acme/app, image: app, version: v1}
            tagged: {repository: quay.io/acme, image: app, tag: v1}
            whole: {repository: quay.io/acme, image: "quay.io/acme/app:1", version: v1}
            """);

    assertThat(result.sites()).isEmpty();
  }
}
