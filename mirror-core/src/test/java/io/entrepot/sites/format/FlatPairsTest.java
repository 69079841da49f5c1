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

  @Test
  void airflowsDefault_isOneImage() {
    OneFormat.Result result =
        read.of(
            """
            defaultAirflowRepository: apache/airflow
            defaultAirflowTag: "2.8.3"
            """);

    assertThat(result.sites())
        .containsExactly("defaultAirflowRepository = docker.io/apache/airflow:2.8.3");
  }

  @Test
  void partedKeys_withRegistryAndTag_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            trivy.repository: ghcr.io/aquasecurity/trivy
            trivy.tag: "0.49.1"
            WORKER_REPOSITORY: quay.io/acme/worker
            WORKER_TAG: "3"
            """);

    assertThat(result.sites())
        .containsExactly(
            "\"trivy.repository\" = ghcr.io/aquasecurity/trivy:0.49.1",
            "WORKER_REPOSITORY = quay.io/acme/worker:3");
  }

  @Test
  void partedKeys_ofAnythingElse_areNone() {
    OneFormat.Result result =
        read.of(
            """
            git.repository: acme/app
            git.tag: "1"
            trivy.repository: ghcr.io/aquasecurity/trivy
            helm.repository: https://charts.example.com/acme
            helm.tag: "1"
            defaultGitRepository: acme/app
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void partedKeysOfAnImage_needNoRegistry() {
    OneFormat.Result result =
        read.of(
            "image_repository: acme/job\nimage_tag: '4'\njob_repository: acme/job\njob_tag: '4'\n");

    assertThat(result.sites()).containsExactly("image_repository = docker.io/acme/job:4");
  }
}
