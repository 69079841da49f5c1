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

  @Test
  void listOfImages_isOneSiteForEach() {
    OneFormat.Result result =
        read.of(
            """
            args:
              - --sidecar-images=envoyproxy/envoy:v1,quay.io/acme/bit:2
              - --images=proxy=acme/proxy:2,agent=acme/agent:3
              - --extra-images=quay.io/acme/a:1,not an image
            """);

    assertThat(result.sites())
        .containsExactly(
            "args[0] = docker.io/envoyproxy/envoy:v1",
            "args[0] = quay.io/acme/bit:2",
            "args[1] = docker.io/acme/proxy:2",
            "args[1] = docker.io/acme/agent:3");
  }

  @Test
  void flagWithinACommandLine_isASite() {
    OneFormat.Result result =
        read.of(
            """
            command:
              - sh
              - -c
              - exec /op --image=quay.io/acme/job:1.1 --job-image acme/job:2; true
            """);

    assertThat(result.sites())
        .containsExactly("command[2] = quay.io/acme/job:1.1", "command[2] = docker.io/acme/job:2");
  }

  @Test
  void flagsThatOnlySayImage_areNone() {
    OneFormat.Result result =
        read.of(
            """
            command:
              - run --image-pull-policy=Always --image=$IMAGE --imagery=acme/job:2
              - --image-cache=redis:6379,memcached:11211
              - --images=one,two
            """);

    assertThat(result.sites()).isEmpty();
  }
}
