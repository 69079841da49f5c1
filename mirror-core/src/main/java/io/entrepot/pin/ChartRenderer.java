package io.entrepot.pin;

import io.entrepot.render.HelmOptions;
import io.entrepot.render.HelmTemplate;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTools;
import io.entrepot.render.ToolRun;
import io.entrepot.render.ToolRun.ToolException;
import io.entrepot.render.ToolRunner;
import io.entrepot.text.FilePosition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Turns a chart and values into manifests. */
@FunctionalInterface
public interface ChartRenderer {

  /**
   * The manifests, as YAML documents.
   *
   * @param chart the chart's directory
   * @param values the text of a values file that goes over the chart's own
   * @throws UnrenderableException if the chart refuses these values
   * @throws IOException if the chart cannot be rendered for another reason
   */
  String render(Path chart, String values) throws IOException;

  /**
   * Renders with helm, hooks of tests included; dependencies must lie in {@code charts/}.
   *
   * @param program helm's path
   */
  static ChartRenderer withHelm(String program) {
    ToolRunner runner =
        new ToolRunner(Path.of("").toAbsolutePath(), RenderTools.DEFAULTS.timeout(), false);
    HelmTemplate template = new HelmTemplate(runner, program);
    return (chart, values) -> {
      RenderEntry.Helm release =
          new RenderEntry.Helm(
              chart.toAbsolutePath().toString(),
              null,
              null,
              "entrepot",
              null,
              List.of(),
              values,
              HelmOptions.NONE,
              false,
              FilePosition.of(chart.toString()));
      ToolRun run;
      try {
        run = template.run(release, true);
      } catch (ToolException e) {
        throw e.missing
            ? new IOException(e.getMessage(), e)
            : new UnrenderableException(String.valueOf(e.getMessage()));
      }
      if (run.status() != 0) {
        throw new UnrenderableException(
            run.errors().isEmpty() ? "helm template failed" : run.errors());
      }
      return run.output();
    };
  }
}
