package io.entrepot.cli.output;

import io.entrepot.gate.init.InitReport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code init} prints. */
public final class InitOutput {

  private InitOutput() {}

  /**
   * The JSON document of {@code --output json}.
   *
   * @param texts whether the files themselves are part of it
   */
  public static ObjectNode json(InitReport report, boolean texts) {
    ObjectNode root = Json.object();
    ArrayNode images = root.putArray("images");
    for (InitReport.Image image : report.images()) {
      images.addObject().put("source", image.source()).put("problem", image.problem());
    }
    ArrayNode charts = root.putArray("charts");
    for (InitReport.Chart chart : report.charts()) {
      charts
          .addObject()
          .put("chart", chart.chart())
          .put("repository", chart.repository())
          .put("version", chart.version())
          .put("problem", chart.problem());
    }
    root.set("firstParty", Json.texts(report.firstParty()));
    ArrayNode unsure = root.putArray("unsure");
    for (InitReport.Unsure each : report.unsure()) {
      ObjectNode node = unsure.addObject().put("image", each.image()).put("reason", each.reason());
      if (each.position() != null) {
        node.put("file", each.position().file()).put("line", each.position().line());
      }
    }
    ArrayNode unread = root.putArray("unread");
    for (InitReport.Unread each : report.unread()) {
      unread.addObject().put("what", each.what()).put("why", each.why());
    }
    ObjectNode registries = root.putObject("registries");
    report.registries().forEach(registries::put);
    root.put("pulls", report.pulls());
    root.put("bytes", report.bytes());
    if (texts) {
      ObjectNode files = root.putObject("files");
      files.put("mirror.yaml", report.mirror());
      if (report.check() != null) {
        files.put("check.yaml", report.check());
      }
    }
    return root;
  }

  /**
   * For people.
   *
   * @param texts whether the files are printed; then all else goes to standard error
   */
  public static void print(Console console, InitReport report, boolean texts) {
    List<String> lines = new ArrayList<>();
    if (texts) {
      console.document(report.mirror() + (report.check() == null ? "" : "---\n" + report.check()));
    } else if (!report.isEmpty() && !console.isQuiet()) {
      lines.add(
          report.check() == null
              ? "Written: mirror.yaml (check.yaml was there)."
              : "Written: mirror.yaml and check.yaml.");
    }
    lines.add(summary(report));
    for (InitReport.Image image : report.problems()) {
      lines.add("  %s: %s".formatted(image.source(), image.problem()));
    }
    list(
        lines,
        "Built here, and not mirrored:",
        report.firstParty().stream().map(image -> "  " + image).toList());
    list(
        lines,
        "Names an image without saying which:",
        report.unsure().stream()
            .map(
                each ->
                    "  %s: %s%s"
                        .formatted(
                            each.image(),
                            each.reason(),
                            each.position() == null ? "" : " (" + each.position() + ")"))
            .toList());
    list(
        lines,
        "Not read, so that images may be missing:",
        report.unread().stream()
            .map(each -> "  %s: %s".formatted(each.what(), each.why()))
            .toList());
    if (!report.isEmpty() && !texts && !console.isQuiet()) {
      lines.add("Next: entrepot mirror --dry-run");
    }
    lines.forEach(texts ? line -> console.note(Console.printable(line)) : console::result);
  }

  /** {@code 12 images from docker.io (9), quay.io (3): 27 pulls, 1.2 GiB; 2 problems}. */
  static String summary(InitReport report) {
    if (report.isEmpty()) {
      return "No image was found that can be mirrored; name files or directories, or lists of pods (--pods).";
    }
    int images = report.registries().values().stream().mapToInt(Integer::intValue).sum();
    String from =
        report.registries().entrySet().stream()
            .map(each -> "%s (%d)".formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining(", "));
    String charts =
        report.charts().isEmpty() ? "" : " and " + Amounts.count(report.charts().size(), "chart");
    String bytes =
        report.bytes() == 0
            ? "size unknown"
            : (report.sized() ? "" : "at least ") + Amounts.bytes(report.bytes());
    int problems = report.problems().size();
    return "%s%s%s: %s, %s, %s%s"
        .formatted(
            Amounts.count(images, "image"),
            charts,
            from.isEmpty() ? "" : " from " + from,
            Amounts.count(report.pulls(), "pull"),
            bytes,
            Amounts.count(problems, "problem"),
            problems == 0 ? "." : ", which cannot be mirrored as they are:");
  }

  private static void list(List<String> lines, String title, List<String> items) {
    if (!items.isEmpty()) {
      lines.add(title);
      lines.addAll(items);
    }
  }
}
