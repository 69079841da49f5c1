package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waived;
import io.entrepot.gate.Waiver;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A report in SARIF 2.1.0 (docs.oasis-open.org/sarif), with what GitHub's code scanning asks beyond
 * it: each result has a place in a file and a fingerprint that outlives a moved line.
 */
final class GateSarif {

  private static final String HELP =
      "https://github.com/ameideio/entrepot/blob/main/docs/errors.md#rules-of-check";

  static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  private GateSarif() {}

  static ObjectNode of(GateReport report, String configuration) {
    ObjectNode root = Json.object();
    root.put("$schema", SCHEMA).put("version", "2.1.0");
    ObjectNode run = root.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "entrepot");
    Release.version().ifPresent(version -> driver.put("version", version));
    ArrayNode rules = driver.putArray("rules");
    for (Rule rule : AllRules.RULES.all()) {
      rule(rules.addObject(), rule);
    }
    invocation(run.putArray("invocations").addObject(), report);
    run.put("columnKind", "utf16CodeUnits");
    ArrayNode results = run.putArray("results");
    for (GateGroup group : GateGroup.of(report.findings())) {
      result(results.addObject(), group, configuration);
    }
    Map<Waiver, List<Finding>> waived = new LinkedHashMap<>();
    for (Waived each : report.waived()) {
      waived.computeIfAbsent(each.waiver(), key -> new ArrayList<>()).add(each.finding());
    }
    waived.forEach(
        (waiver, findings) -> {
          for (GateGroup group : GateGroup.of(findings)) {
            ObjectNode result = results.addObject();
            result(result, group, configuration);
            result
                .putArray("suppressions")
                .addObject()
                .put("kind", "external")
                .put("status", "accepted")
                .put("justification", waiver.reason());
          }
        });
    return root;
  }

  private static void rule(ObjectNode node, Rule rule) {
    node.put("id", rule.id());
    node.put("helpUri", HELP);
    node.putObject("shortDescription").put("text", rule.title());
    node.putObject("fullDescription").put("text", rule.why());
    node.putObject("help").put("text", rule.why() + "\n\n" + rule.remedy());
    node.putObject("defaultConfiguration").put("level", "error");
  }

  // What was not judged is no result, but nobody may take the run for a clean one.
  private static void invocation(ObjectNode node, GateReport report) {
    node.put("executionSuccessful", !report.leavesUnjudged());
    if (report.skipped().isEmpty() && report.unusedWaivers().isEmpty()) {
      return;
    }
    ArrayNode notifications = node.putArray("toolExecutionNotifications");
    for (Skipped each : report.skipped()) {
      ObjectNode notification = notifications.addObject();
      notification.put("level", "warning");
      notification
          .putObject("message")
          .put(
              "text",
              "not judged: %s, %s [%s]: %s"
                  .formatted(each.rule().id(), each.what(), each.target(), each.why()));
      notification.putObject("associatedRule").put("id", each.rule().id());
    }
    for (Waiver each : report.unusedWaivers()) {
      notifications
          .addObject()
          .put("level", "note")
          .putObject("message")
          .put(
              "text",
              "%s: this entry of allow: accepted nothing; remove it".formatted(each.position()));
    }
  }

  private static void result(ObjectNode node, GateGroup group, String configuration) {
    Finding finding = group.finding();
    node.put("ruleId", finding.rule().id());
    node.put("level", finding.severity().id());
    node.putObject("message")
        .put(
            "text",
            "[%s] %s\n%s".formatted(group.where(), finding.messageWithOthers(), finding.remedy()));
    ObjectNode location = node.putArray("locations").addObject();
    ObjectNode physical = location.putObject("physicalLocation");
    String file = finding.file();
    physical.putObject("artifactLocation").put("uri", uri(file == null ? configuration : file));
    physical
        .putObject("region")
        .put("startLine", file == null || finding.line() < 1 ? 1 : finding.line());
    if (finding.object() != null) {
      location
          .putArray("logicalLocations")
          .addObject()
          .put("name", finding.object().name())
          .put("fullyQualifiedName", finding.object().toString())
          .put("kind", "resource");
    }
    if (!finding.others().isEmpty()) {
      ArrayNode related = node.putArray("relatedLocations");
      for (Finding.Place place : finding.others()) {
        if (place.position() != null) {
          ObjectNode other = related.addObject().putObject("physicalLocation");
          other.putObject("artifactLocation").put("uri", uri(place.position().file()));
          other.putObject("region").put("startLine", Math.max(1, place.position().line()));
        }
      }
    }
    node.putObject("partialFingerprints").put("entrepot/v1", fingerprint(finding));
    ObjectNode properties = node.putObject("properties");
    properties.set("targets", Json.texts(group.targets()));
    if (finding.image() != null) {
      properties.put("image", finding.image());
    }
  }

  private static String fingerprint(Finding finding) {
    String identity =
        String.join(
            "\n",
            finding.rule().id(),
            text(finding.file()),
            finding.object() == null ? "" : finding.object().toString(),
            text(finding.image()),
            finding.message());
    return Digest.of(identity.getBytes(UTF_8)).shortHex(32);
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** A path as a relative reference (RFC 3986, section 4.2). */
  static String uri(String path) {
    StringBuilder uri = new StringBuilder();
    if (path.startsWith("/")) {
      uri.append("file://");
    }
    for (byte each : path.replace('\\', '/').getBytes(UTF_8)) {
      char c = (char) (each & 0xff);
      boolean plain =
          c < 128 && (Character.isLetterOrDigit(c) || "-._~/@+,=$!&'()*".indexOf(c) >= 0);
      uri.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return uri.toString();
  }
}
