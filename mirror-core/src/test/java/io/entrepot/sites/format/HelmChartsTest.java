package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Charts in registries. */
final class HelmChartsTest {

  private final OneFormat read = new OneFormat(new HelmCharts());

  @Test
  void argoCdSource_addressAndChart_areOneSite() {
    OneFormat.Result result =
        read.of(
            """
            source:
              repoURL: ghcr.io/acme/charts
              chart: app
              targetRevision: 1.2.3
            """);

    assertThat(result.sites()).containsExactly("source.repoURL = ghcr.io/acme/charts/app:1.2.3");
  }

  @Test
  void dependency_nameIsBelowItsAddress() {
    OneFormat.Result result =
        read.of(
            "Chart.yaml",
            """
            dependencies:
              - name: redis
                version: 20.x
                repository: oci://registry-1.docker.io/bitnamicharts
            """);

    assertThat(result.sites())
        .containsExactly("dependencies[0].repository = docker.io/bitnamicharts/redis:20.x");
  }

  @Test
  void fluxRepository_aloneNamesNoChart() {
    OneFormat.Result result =
        read.of(
            """
            kind: HelmRepository
            spec:
              url: oci://ghcr.io/acme/charts
            """);

    assertThat(result.sites()).containsExactly("spec.url = oci://ghcr.io/acme/charts");
  }

  @Test
  void ociRepository_versionStandsInRef() {
    OneFormat.Result result =
        read.of(
            """
            kind: OCIRepository
            spec:
              url: oci://ghcr.io/acme/charts/app
              ref: {semver: ">=1.0"}
            """);

    assertThat(result.sites()).containsExactly("spec.url = ghcr.io/acme/charts/app:>=1.0");
  }

  @Test
  void gitAndHttps_areNoCharts() {
    OneFormat.Result result =
        read.of(
            """
            source:
              repoURL: https://charts.example.com
              chart: app
            other:
              repoURL: github.com/acme/app.git
              chart: app
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void template_isDismissed() {
    OneFormat.Result result =
        read.of(
            """
            url: oci://{{ .Values.host }}/charts
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals()).containsExactly("url: filled in by something else");
  }

  @Test
  void repositoryWithCredentials_isNoChart() {
    OneFormat.Result result =
        read.of(
            """
            configs:
              repositories:
                charts:
                  url: oci://ghcr.io/acme/charts
                  passwordSecret: {name: charts, key: password}
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly("configs.repositories.charts.url: says where credentials belong");
  }

  @Test
  void secretOfArgoCd_isNotRead() {
    OneFormat.Result result =
        read.of(
            """
            kind: ExternalSecret
            spec:
              target:
                template:
                  metadata:
                    labels: {argocd.argoproj.io/secret-type: repo-creds}
                  data:
                    url: oci://ghcr.io/acme/charts
            """);

    assertThat(result.sites()).isEmpty();
  }
}
