package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartTemplatesTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void filesBelowTheTemplatesOfAChart_areItsTemplates() {
    new TestTree(directory).file("c/Chart.yaml", "name: c\n");
    assertThat(ChartTemplates.contain(directory.resolve("c/templates/a.yaml"))).isTrue();
    assertThat(ChartTemplates.contain(directory.resolve("c/templates/x/y/a.yaml"))).isTrue();
    assertThat(ChartTemplates.contain(directory.resolve("c/ci/a.yaml"))).isFalse();
    assertThat(ChartTemplates.contain(directory.resolve("templates/a.yaml"))).isFalse();
  }
}
