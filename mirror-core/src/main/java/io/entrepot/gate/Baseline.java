package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A saved report in JSON, with which an old repository begins: what stands in it is known. */
final class Baseline {

  private final Map<String, Rule> rules;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();

  private Baseline(Rules rules) {
    this.rules = rules.all().stream().collect(Collectors.toMap(Rule::id, Function.identity()));
  }

  /**
   * Reads a report that {@code check --output json} wrote.
   *
   * @throws GateException for a file that cannot be read or is no report
   */
  static KnownFindings read(Path file, Rules rules) {
    Baseline baseline = new Baseline(rules);
    try {
      JsonNode report = JsonMapper.shared().readTree(Files.readAllBytes(file));
      if (!report.path("findings").isArray()) {
        throw new GateException(
            "baseline %s is no report; save one: entrepot check --output json > %s"
                .formatted(file, file.getFileName()),
            null);
      }
      report.path("findings").forEach(baseline::finding);
      report.path("unjudged").forEach(baseline::left);
    } catch (IOException | JacksonException e) {
      throw new GateException(
          "baseline %s cannot be read: %s; save one: entrepot check --output json > %s"
              .formatted(file, e.getMessage(), file.getFileName()),
          e);
    }
    return new KnownFindings(baseline.findings, baseline.skipped);
  }

  private void finding(JsonNode node) {
    // A rule of another release is none here, and its findings are nobody's.
    Rule rule = rules.get(node.path("rule").asString(""));
    if (rule == null) {
      return;
    }
    findings.add(finding(rule, node, node));
    node.path("places").forEach(place -> findings.add(finding(rule, node, place)));
  }

  private static Finding finding(Rule rule, JsonNode node, JsonNode place) {
    String file = text(place.path("file"));
    return new Finding(
        rule,
        node.path("target").asString(""),
        file == null ? null : FilePosition.of(file),
        object(place.path("object")),
        text(node.path("image")),
        node.path("message").asString(""),
        "");
  }

  private void left(JsonNode node) {
    Rule rule = rules.get(node.path("rule").asString(""));
    if (rule != null) {
      skipped.add(
          new Skipped(
              rule,
              node.path("target").asString(""),
              null,
              null,
              node.path("what").asString(""),
              node.path("why").asString("")));
    }
  }

  private static @Nullable ObjectName object(JsonNode node) {
    return node.isObject()
        ? new ObjectName(
            node.path("kind").asString(""),
            text(node.path("namespace")),
            node.path("name").asString(""))
        : null;
  }

  private static @Nullable String text(JsonNode node) {
    return node.isString() ? node.asString() : null;
  }
}
