package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Assignments in lists. */
final class AssignmentItemsTest {

  private final OneFormat read = new OneFormat(new AssignmentItems());

  @Test
  void variableNamedAfterAnImage_isASite() {
    OneFormat.Result result =
        read.of(
            """
            environment:
              - APP_IMAGE=acme/app:1
              - OTHER=acme/app:1
              - ANY=ghcr.io/acme/any:1
            """);

    assertThat(result.sites())
        .containsExactly(
            "environment[0] = docker.io/acme/app:1", "environment[2] = ghcr.io/acme/any:1");
  }
}
