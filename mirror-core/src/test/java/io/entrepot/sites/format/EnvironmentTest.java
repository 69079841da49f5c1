package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Variables of containers. */
final class EnvironmentTest {

  private final OneFormat read = new OneFormat(new Environment());

  @Test
  void variableNamedAfterAnImage_isASite() {
    OneFormat.Result result =
        read.of(
            """
            env:
              - name: SIDECAR_IMAGE
                value: quay.io/acme/sidecar:1
              - name: OTHER
                value: quay.io/acme/sidecar:1
            """);

    assertThat(result.sites()).containsExactly("env[0].value = quay.io/acme/sidecar:1");
  }

  @Test
  void block_hasASiteEachLine() {
    OneFormat.Result result =
        read.of(
            """
            env:
              - name: STRIMZI_IMAGES
                value: |
                  3.9=quay.io/acme/kafka:3.9
                  4.0=quay.io/acme/kafka:4.0
            """);

    assertThat(result.sites())
        .containsExactly(
            "env[0].value.\"3.9\" = quay.io/acme/kafka:3.9",
            "env[0].value.\"4.0\" = quay.io/acme/kafka:4.0");
  }

  @Test
  void aliasOfABlock_isReadWhereItStands() {
    OneFormat.Result result =
        read.of(
            """
            env:
              - name: A_IMAGE
                value: &block |
                  a=quay.io/acme/a:1
                  b=quay.io/acme/b:1
              - name: B_IMAGE
                value: *block
            """);

    assertThat(result.sites())
        .containsExactly("env[0].value.a = quay.io/acme/a:1", "env[0].value.b = quay.io/acme/b:1");
  }

  @Test
  void listInAVariable_isOneSiteForEach() {
    OneFormat.Result result =
        read.of(
            """
            env:
              - {name: WATCHED_IMAGES, value: "acme/one:1,acme/two:2"}
              - {name: PRELOAD, value: "quay.io/acme/one:1 quay.io/acme/two:2"}
            """);

    assertThat(result.sites())
        .containsExactly(
            "env[0].value = docker.io/acme/one:1",
            "env[0].value = docker.io/acme/two:2",
            "env[1].value = quay.io/acme/one:1",
            "env[1].value = quay.io/acme/two:2");
  }

  @Test
  void listOfAddresses_isNone() {
    OneFormat.Result result =
        read.of(
            """
            env:
              - {name: BROKERS, value: "kafka-0:9092,kafka-1:9092"}
              - {name: SKIP_IMAGES, value: "kind.local,ko.local"}
            """);

    assertThat(result.sites()).isEmpty();
  }
}
