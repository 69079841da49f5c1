package io.entrepot.render;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Reason;
import io.entrepot.text.FilePosition;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what helm says when it refuses: which file, which line, which reason. */
final class HelmErrors {

  /** How charts say that an image was not given. */
  private static final Pattern IMAGE_REQUIRED =
      Pattern.compile(
          "(?i)image[\\w.-]*(?:[ .'\"`]+\\S+)? (?:is|are|must be)[ \\w]* (?:required|set|given|provided|specified)"
              + "|image[\\w.]*\\s+(?:is )?required|required[^;]*\\bimage\\b|missing[^;]*\\bimage\\.");

  private static final Pattern TEMPLATE =
      Pattern.compile("([A-Za-z0-9_.-]+)/((?:charts|templates|crds)/[^\\s:)\"]+)(?::(\\d+))?");
  private static final Pattern SCHEMA_KEY =
      Pattern.compile("(?:^|; )- (?:at ')?/?([A-Za-z0-9_./\\[\\]-]+)");
  private static final String SCHEMA = "specifications of the schema";

  private final Sources sources;

  HelmErrors(Sources sources) {
    this.sources = sources;
  }

  /** Why a program that ran a chart's templates refused. */
  static Reason reason(String message) {
    return IMAGE_REQUIRED.matcher(message).find() ? Reason.IMAGE_NOT_GIVEN : Reason.OTHER;
  }

  /**
   * The failure of a release.
   *
   * @param searched the files that give its values, the likeliest first
   */
  Failure failure(Assignment work, Helm helm, List<String> searched, String message) {
    FilePosition position =
        message.contains(SCHEMA) ? ofValue(searched, message) : ofTemplate(helm, message);
    return new Failure(
        work.target(),
        position == null ? helm.position() : position,
        reason(message),
        helm.name() + " does not render: " + message,
        remedy(message));
  }

  private static String remedy(String message) {
    if (message.contains("missing in charts/")) {
      return "the chart's dependencies belong into the tree: helm dependency build";
    }
    return message.contains(SCHEMA)
        ? "give the value in the type that the chart's values.schema.json asks for"
        : "mend the values or the template";
  }

  /** The first values file with the key that the schema complains about. */
  private @Nullable FilePosition ofValue(List<String> searched, String message) {
    Matcher key = SCHEMA_KEY.matcher(message);
    if (!key.find()) {
      return null;
    }
    String last = key.group(1).replaceAll(".*[./](?=[^./\\[]+)", "").replaceAll("\\[.*", "");
    for (String file : searched) {
      int line = sources.file(file).lineOfKey(last);
      if (line > 0) {
        return FilePosition.of(file, line);
      }
    }
    return null;
  }

  private @Nullable FilePosition ofTemplate(Helm helm, String message) {
    Matcher template = TEMPLATE.matcher(message);
    if (!template.find()) {
      return null;
    }
    String file = helm.chart() + "/" + template.group(2);
    String line = template.group(3);
    return sources.isFile(file)
        ? FilePosition.of(file, line == null ? 0 : Integer.parseInt(line))
        : null;
  }
}
