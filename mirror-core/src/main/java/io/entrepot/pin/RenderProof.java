package io.entrepot.pin;

import io.entrepot.render.RenderTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How values files are proved by rendering.
 *
 * @param chart the chart of every values file, or null for the one that each lies in
 */
public record RenderProof(ChartRenderer renderer, @Nullable Path chart) {

  private static final String CHART_FILE = "Chart.yaml";

  /** Each values file by the chart that it lies in. */
  static RenderProof with(RenderTools tools) {
    return new RenderProof(ChartRenderer.withHelm(tools.helm()), null);
  }

  /** The chart that a file gives values to. */
  Optional<Path> chartOf(ScannedFile file) {
    String name = String.valueOf(file.path().getFileName());
    if (name.equals(CHART_FILE)) {
      return Optional.empty();
    }
    if (chart != null) {
      return file.object() ? Optional.empty() : Optional.of(chart);
    }
    Path directory = file.path().toAbsolutePath().getParent();
    if (directory == null || !name.startsWith("values")) {
      return Optional.empty();
    }
    if (String.valueOf(directory.getFileName()).equals("ci") && directory.getParent() != null) {
      directory = directory.getParent();
    }
    return Optional.of(directory).filter(d -> Files.exists(d.resolve(CHART_FILE)));
  }
}
