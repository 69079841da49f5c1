package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Assignments in blocks. */
final class AssignmentBlocksTest {

  private final OneFormat read = new OneFormat(new AssignmentBlocks());

  @Test
  void lines_namedAfterImages_areSites() {
    OneFormat.Result result =
        read.of(
            """
            script: |
              APP_IMAGE=quay.io/acme/app:1
              echo done
              PORT=80
            """);

    assertThat(result.sites()).containsExactly("script.APP_IMAGE = quay.io/acme/app:1");
  }

  @Test
  void oneLine_isNoBlock() {
    OneFormat.Result result =
        read.of(
            """
            image: quay.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
  }
}
