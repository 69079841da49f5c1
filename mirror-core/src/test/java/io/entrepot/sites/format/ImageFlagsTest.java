package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Arguments that name images. */
final class ImageFlagsTest {

  private final OneFormat read = new OneFormat(new ImageFlags());

  @Test
  void flagWithValue_inOneItemOrTwo() {
    OneFormat.Result result =
        read.of(
            """
            args:
              - --sidecar-image=quay.io/acme/sidecar:1
              - --other-image
              - quay.io/acme/other:1
              - --verbose
            """);

    assertThat(result.sites())
        .containsExactly("args[0] = quay.io/acme/sidecar:1", "args[2] = quay.io/acme/other:1");
  }

  @Test
  void template_isDismissed() {
    OneFormat.Result result =
        read.of(
            """
            args:
              - --image=$(IMAGE)
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals()).containsExactly("args[0]: filled in by something else");
  }
}
