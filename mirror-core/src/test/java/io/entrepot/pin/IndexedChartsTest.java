package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFileCodec;
import io.entrepot.sites.FloatingTags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Charts of HTTP repositories that were republished: address and values change in one go. */
class IndexedChartsTest {

  private static final String LOCK =
      """
      version: 1
      images:
        charts.example.org/stable/web:1.2.3:
          digest: sha256:1111111111111111111111111111111111111111111111111111111111111111
          target: ghcr.io/acme/mirror/charts/web:1.2.3
          platforms: []
          from:
            https://charts.example.org/stable/web-1.2.3.tgz: sha256:2222222222222222222222222222222222222222222222222222222222222222
        quay.io/acme/web:1.0:
          digest: sha256:5555555555555555555555555555555555555555555555555555555555555555
          target: ghcr.io/acme/mirror/acme-web:1.0
          platforms: [linux/amd64]
          charts: [charts.example.org/stable/web:1.2.3]
      """;

  private static final String APPLICATION =
      """
      apiVersion: argoproj.io/v1alpha1
      kind: Application
      metadata: { name: web }
      spec:
        source:
          repoURL: https://charts.example.org/stable
          chart: web
          targetRevision: %s
          helm:
            valuesObject:
              image: { repository: quay.io/acme/web, tag: "1.0" }
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  private String pinned(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    LockSource source =
        new LockSource(LockFileCodec.parse("images.lock.yaml", LOCK), FloatingTags.DEFAULT);
    PinPlan plan = new Pinner(PinRules.DEFAULT, source).plan(List.of(file), List.of());
    PlanWriter.write(plan);
    return Files.readString(file);
  }

  @Test
  void application_getsAddressAndValues_andASecondRunChangesNothing() throws IOException {
    String once = pinned("app.yaml", APPLICATION.formatted("1.2.3"));

    assertThat(once)
        .contains(
            "repoURL: ghcr.io/acme/mirror/charts\n", "chart: web\n", "targetRevision: 1.2.3\n")
        .contains("repository: ghcr.io/acme/mirror/acme-web")
        .contains("1.0@sha256:5555");
    assertThat(pinned("app.yaml", once)).isEqualTo(once);
  }

  @Test
  void otherVersion_isLeft() throws IOException {
    assertThat(pinned("app.yaml", APPLICATION.formatted("1.2.4")))
        .contains("repoURL: https://charts.example.org/stable");
  }

  @Test
  void dependencyOfAChart_getsAnOciAddress() throws IOException {
    assertThat(
            pinned(
                "Chart.yaml",
                """
                apiVersion: v2
                name: all
                version: 0.1.0
                dependencies:
                  - name: web
                    version: 1.2.3
                    repository: https://charts.example.org/stable/
                  - name: other
                    version: 1.0.0
                    repository: https://charts.example.org/stable/
                """))
        .contains("repository: oci://ghcr.io/acme/mirror/charts\n")
        .contains("repository: https://charts.example.org/stable/\n");
  }
}
