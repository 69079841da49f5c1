package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Steps of GitHub's workflows. */
final class GithubActionsTest {

  private final OneFormat read = new OneFormat(new GithubActions());

  @Test
  void dockerAction_isASite() {
    OneFormat.Result result =
        read.of(
            """
            steps:
              - uses: docker://quay.io/acme/action:1
              - uses: actions/checkout@v4
              - pipe: docker://acme/pipe:1
            runs:
              image: docker://acme/action:2
            """);

    assertThat(result.sites())
        .containsExactly(
            "steps[0].uses = quay.io/acme/action:1",
            "steps[2].pipe = docker.io/acme/pipe:1",
            "runs.image = docker.io/acme/action:2");
  }

  @Test
  void registryOfADisk_isASite_otherAddressesAreNot() {
    OneFormat.Result result =
        read.of(
            """
            registry: {url: "docker://quay.io/containerdisks/ubuntu:22.04"}
            target: {url: "docker://quay.io/acme/pushed:1"}
            """);

    assertThat(result.sites())
        .containsExactly("registry.url = quay.io/containerdisks/ubuntu:22.04");
  }
}
