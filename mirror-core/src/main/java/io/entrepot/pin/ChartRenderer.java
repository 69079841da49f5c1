package io.entrepot.pin;

import java.io.IOException;
import java.nio.file.Path;

/** Turns a chart and values into manifests. */
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
}
