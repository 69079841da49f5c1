package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Reason;
import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelmErrorsTest {

  private static final FilePosition ENTRY = FilePosition.of("check.yaml", 3);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private Failure failure(String message) {
    TestTree tree =
        new TestTree(directory)
            .file("charts/web/templates/d.yaml", "a\nb\n")
            .file("values.yaml", "x: 1\ncluster:\n  replicas: many\n");
    RenderEntry.Helm helm =
        new RenderEntry.Helm(
            "charts/web", null, null, "web", null, List.of(), null, HelmOptions.NONE, false, ENTRY);
    return new HelmErrors(tree.sources())
        .failure(new Assignment("dev", "dev", helm), helm, List.of("values.yaml"), message);
  }

  @Test
  void templateAndLine_areTakenFromTheMessage() {
    Failure failure = failure("execution error at (web/templates/d.yaml:2:3): nil pointer");
    assertThat(failure.position()).isEqualTo(FilePosition.of("charts/web/templates/d.yaml", 2));
    assertThat(failure.reason()).isEqualTo(Reason.OTHER);
  }

  @Test
  void schemaError_isAtTheKeyInTheValues() {
    Failure failure =
        failure(
            "values don't meet the specifications of the schema(s) in the following chart(s):; web:; - at '/cluster/replicas': got string, want integer");
    assertThat(failure.position()).isEqualTo(FilePosition.of("values.yaml", 3));
    assertThat(failure.remedy()).contains("values.schema.json");
  }

  @Test
  void anythingElse_isAtTheEntry() {
    assertThat(failure("chart requires kubeVersion").position()).isEqualTo(ENTRY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image.ref is required",
        "execution error: A valid image.repository must be set",
        "missing required value: image.tag",
        "image.tag required",
      })
  void imageThatIsNotGiven_isAReasonOfItsOwn(String message) {
    assertThat(HelmErrors.reason(message)).isEqualTo(Reason.IMAGE_NOT_GIVEN);
  }
}
