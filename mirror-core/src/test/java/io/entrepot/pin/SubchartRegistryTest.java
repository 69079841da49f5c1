package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of a subchart whose own values have a registry. */
final class SubchartRegistryTest {

  @TempDir Path tree = Path.of("");

  @BeforeEach
  void chart() throws IOException {
    write("Chart.yaml", "name: umbrella\ndependencies:\n- {name: database, alias: db}\n");
    write("values.yaml", "db:\n  image:\n    repository: acme/app\n    tag: \"1\"\n");
  }

  @Test
  void registryOfTheSubchart_wouldStandBeforeAFullName() throws IOException {
    write("charts/database/Chart.yaml", "name: database\n");
    write("charts/database/values.yaml", "image: {registry: docker.io, repository: acme/app}\n");

    assertThat(left()).singleElement().asString().contains("puts the registry docker.io before");
  }

  @Test
  void subchartThatIsNotThere_cannotBeAsked() throws IOException {
    assertThat(left()).singleElement().asString().contains("database is not there to ask");
  }

  @Test
  void subchartWithoutARegistry_takesTheFullName() throws IOException {
    write("charts/database/Chart.yaml", "name: database\n");
    write("charts/database/values.yaml", "image: {repository: acme/app}\n");

    assertThat(left()).isEmpty();
  }

  @Test
  void releaseOfAChartElsewhere_whoseKindHasARegistry_keepsABareName() throws IOException {
    String release =
        """
        kind: HelmRelease
        spec:
          values:
            image: {%s, tag: "7"}
        """;
    write("apps/release.yaml", release.formatted("repository: bitnami/redis"));
    assertThat(left("apps/release.yaml"))
        .singleElement()
        .asString()
        .contains("put a registry before its name", "write 'registry' beside it");

    write("apps/release.yaml", release.formatted("registry: docker.io, repository: bitnami/redis"));
    assertThat(left("apps/release.yaml")).isEmpty();

    write("apps/release.yaml", release.formatted("repository: acme/redis"));
    assertThat(left("apps/release.yaml")).isEmpty();
  }

  private List<String> left() throws IOException {
    return left("values.yaml");
  }

  private List<String> left(String file) throws IOException {
    Map<String, String> lock =
        Map.of(
            "docker.io/acme/app:1", Locks.MIRROR + "/app:1",
            "docker.io/acme/redis:7", Locks.MIRROR + "/acme-redis:7",
            "docker.io/bitnami/redis:7", Locks.MIRROR + "/redis:7");
    return new Pinner(PinRules.DEFAULT, new LockSource(Locks.of(lock), FloatingTags.DEFAULT))
        .plan(List.of(tree.resolve(file)), List.of()).left().stream().map(Left::reason).toList();
  }

  private void write(String name, String text) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
