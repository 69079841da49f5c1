package io.entrepot.render;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which files are templates of a chart: helm reads them, and what they say comes from values. */
public final class ChartTemplates {

  private ChartTemplates() {}

  /** Whether a file lies in the {@code templates} of a chart, at any depth. */
  public static boolean contain(Path file) {
    @Nullable Path directory = file.toAbsolutePath().normalize().getParent();
    while (directory != null) {
      Path name = directory.getFileName();
      if (name != null
          && name.toString().equals("templates")
          && Files.exists(directory.resolveSibling("Chart.yaml"))) {
        return true;
      }
      directory = directory.getParent();
    }
    return false;
  }

  /** Whether a text that is no YAML has actions of a template in it. */
  public static boolean isTemplate(String text) {
    return text.contains("{{");
  }
}
