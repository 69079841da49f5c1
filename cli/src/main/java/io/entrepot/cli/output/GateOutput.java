package io.entrepot.cli.output;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waived;
import io.entrepot.gate.Waiver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code check} found, in each of its forms. */
public final class GateOutput {

  private GateOutput() {}

  /**
   * The whole report as one document.
   *
   * @param configuration the file to point at where a finding names none
   */
  public static String document(GateReport report, GateFormat format, String configuration) {
    return switch (format) {
      case TEXT -> GateText.of(report, false, Paint.NONE);
      case JSON -> Json.document(json(report));
      case SARIF -> Json.document(GateSarif.of(report, configuration));
      case GITHUB -> {
        List<String> lines = new ArrayList<>(GateAnnotations.of(report));
        lines.add(GateText.summary(report));
        yield String.join("\n", lines.stream().map(Console::printable).toList()) + "\n";
      }
      case JUNIT -> GateJunit.of(report);
    };
  }

  /** For people, on the console. */
  public static void print(Console console, GateReport report) {
    console.document(GateText.of(report, console.isQuiet(), console.paint()));
  }

  /** Workflow commands of GitHub Actions: one for each place that is refused or not judged. */
  public static List<String> annotations(GateReport report) {
    return GateAnnotations.of(report);
  }

  /** Markdown for the step summary of GitHub Actions. */
  public static String markdown(GateReport report) {
    return GateAnnotations.markdown(report);
  }

  /** The same report with other names of files. */
  public static GateReport renamed(GateReport report, UnaryOperator<String> names) {
    return new GateReport(
        report.findings().stream().map(finding -> finding.renamed(names)).toList(),
        report.waived().stream()
            .map(waived -> new Waived(waived.finding().renamed(names), waived.waiver()))
            .toList(),
        report.skipped(),
        report.unusedWaivers(),
        report.objects(),
        report.images());
  }

  private static ObjectNode json(GateReport report) {
    ObjectNode root = Json.object();
    ArrayNode findings = root.putArray("findings");
    report.findings().forEach(finding -> put(findings.addObject(), finding));
    ArrayNode waived = root.putArray("waived");
    for (Waived each : report.waived()) {
      ObjectNode node = waived.addObject();
      put(node, each.finding());
      node.put("reason", each.reason()).put("allowedBy", each.waiver().position().toString());
    }
    ArrayNode unjudged = root.putArray("unjudged");
    for (Skipped each : report.skipped()) {
      unjudged
          .addObject()
          .put("rule", each.rule().id())
          .put("target", each.target())
          .put("what", each.what())
          .put("why", each.why());
    }
    ArrayNode unused = root.putArray("unusedAllow");
    for (Waiver each : report.unusedWaivers()) {
      unused
          .addObject()
          .put("rule", each.rule().id())
          .put("where", each.position().toString())
          .put("reason", each.reason());
    }
    root.put("objects", report.objects()).put("images", report.images());
    return root;
  }

  private static void put(ObjectNode node, Finding finding) {
    node.put("rule", finding.rule().id());
    node.put("severity", finding.severity().id());
    node.put("target", finding.target());
    node.put("file", finding.file());
    node.put("line", finding.line() > 0 ? Integer.valueOf(finding.line()) : null);
    putObject(node, finding.object());
    node.put("image", finding.image());
    node.put("message", finding.message());
    node.put("remedy", finding.remedy());
    node.put("why", finding.rule().why());
    if (!finding.others().isEmpty()) {
      ArrayNode places = node.putArray("places");
      for (Finding.Place place : finding.others()) {
        ObjectNode other = places.addObject();
        other.put("file", place.position() == null ? null : place.position().file());
        putObject(other, place.object());
      }
    }
  }

  private static void putObject(ObjectNode node, @Nullable ObjectName object) {
    if (object == null) {
      node.putNull("object");
    } else {
      node.putObject("object")
          .put("kind", object.kind())
          .put("namespace", object.namespace())
          .put("name", object.name());
    }
  }
}
