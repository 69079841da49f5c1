package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** JSON in one line. */
final class JsonTextsTest {

  private final OneFormat read = new OneFormat(new JsonTexts());

  @Test
  void keysThatNameImages_areSites() {
    OneFormat.Result result =
        read.of(
            """
            config: '{"worker": {"image": "quay.io/acme/worker:5", "sideImage" : "acme/side:1"}}'
            """);

    assertThat(result.sites())
        .containsExactly(
            "config.image = quay.io/acme/worker:5", "config.sideImage = docker.io/acme/side:1");
  }

  @Test
  void otherKeysAndBareNames_areNone() {
    OneFormat.Result result =
        read.of(
            """
            kubectl.kubernetes.io/last-applied-configuration: '{"image": "quay.io/acme/a:1"}'
            config: '{"addr": "redis:6379", "image": "sklearn", "picture": {"image": "a/b.png"}}'
            """);

    assertThat(result.sites()).isEmpty();
  }
}
