package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Keys that share a prefix. */
final class FlatPairsTest {

  private final OneFormat read = new OneFormat(new FlatPairs());

  @Test
  void prefixedKeys_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            proxyImageRegistry: quay.io
            proxyImageRepository: acme/proxy
            proxyImageTag: "1"
            sidecarImage: acme/sidecar
            sidecarImageTag: "2"
            """);

    assertThat(result.sites())
        .containsExactly(
            "proxyImageRepository = quay.io/acme/proxy:1",
            "sidecarImage = docker.io/acme/sidecar:2");
  }

  @Test
  void repositoryOfSomethingElse_needsARegistryAndATag() {
    OneFormat.Result result =
        read.of(
            """
            gitRepository: acme/app
            chartRepository: quay.io/acme/app
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void wholeReference_isAnotherFormats() {
    OneFormat.Result result =
        read.of(
            """
            appImage: acme/app:1
            appImageTag: "2"
            """);

    assertThat(result.sites()).isEmpty();
  }
}
