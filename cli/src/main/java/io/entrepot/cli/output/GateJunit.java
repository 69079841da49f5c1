package io.entrepot.cli.output;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Severity;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waived;
import io.entrepot.gate.rules.AllRules;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A report in the XML that build servers read as JUnit's: a suite for each rule, a failed case for
 * each place, a skipped one where a waiver accepts it, and an error for what was not judged.
 */
final class GateJunit {

  private GateJunit() {}

  static String of(GateReport report) {
    StringBuilder suites = new StringBuilder();
    int tests = 0;
    int failures = 0;
    int errors = 0;
    int skipped = 0;
    for (Rule rule : AllRules.RULES.all()) {
      List<GateGroup> found =
          GateGroup.of(
              report.findings().stream().filter(finding -> finding.rule().equals(rule)).toList());
      List<Waived> waived =
          report.waived().stream().filter(each -> each.finding().rule().equals(rule)).toList();
      List<Skipped> unjudged =
          report.skipped().stream()
              .filter(each -> each.rule().equals(rule) && each.severity() == Severity.ERROR)
              .toList();
      int cases = Math.max(1, found.size() + waived.size() + unjudged.size());
      tests += cases;
      int failed =
          (int)
              found.stream().filter(group -> group.finding().severity() == Severity.ERROR).count();
      failures += failed;
      errors += unjudged.size();
      skipped += waived.size();
      suites.append("  <testsuite");
      attribute(suites, "name", "entrepot check: " + rule.id());
      counts(suites, cases, failed, unjudged.size(), waived.size());
      suites.append(">\n");
      found.forEach(group -> failed(suites, group));
      waived.forEach(each -> accepted(suites, each));
      unjudged.forEach(each -> notJudged(suites, each));
      if (found.isEmpty() && waived.isEmpty() && unjudged.isEmpty()) {
        suites.append("    <testcase");
        attribute(suites, "classname", rule.id());
        attribute(suites, "name", "nothing refused");
        suites.append("/>\n");
      }
      suites.append("  </testsuite>\n");
    }
    StringBuilder document = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    document.append("<testsuites");
    attribute(document, "name", "entrepot check");
    counts(document, tests, failures, errors, skipped);
    return document.append(">\n").append(suites).append("</testsuites>\n").toString();
  }

  private static void counts(StringBuilder out, int tests, int failures, int errors, int skipped) {
    attribute(out, "tests", String.valueOf(tests));
    attribute(out, "failures", String.valueOf(failures));
    attribute(out, "errors", String.valueOf(errors));
    attribute(out, "skipped", String.valueOf(skipped));
  }

  private static void failed(StringBuilder out, GateGroup group) {
    Finding finding = group.finding();
    begin(out, finding, group.where());
    if (finding.severity() == Severity.WARNING) {
      out.append("      <system-out>")
          .append(escaped("warning: " + finding.messageWithOthers(), false))
          .append("</system-out>\n    </testcase>\n");
      return;
    }
    out.append("      <failure");
    attribute(out, "type", finding.rule().id());
    attribute(out, "message", finding.messageWithOthers());
    out.append('>')
        .append(
            escaped(
                "%s\n%s\nwhy:  %s\nmend: %s"
                    .formatted(
                        finding.place(),
                        finding.messageWithOthers(),
                        finding.rule().why(),
                        finding.remedy()),
                false))
        .append("</failure>\n    </testcase>\n");
  }

  private static void accepted(StringBuilder out, Waived waived) {
    begin(out, waived.finding(), waived.finding().target());
    out.append("      <skipped");
    attribute(
        out,
        "message",
        "accepted by allow: %s (%s)".formatted(waived.reason(), waived.waiver().position()));
    out.append("/>\n    </testcase>\n");
  }

  private static void notJudged(StringBuilder out, Skipped unjudged) {
    out.append("    <testcase");
    attribute(out, "classname", unjudged.rule().id());
    attribute(out, "name", "%s [%s]".formatted(unjudged.what(), unjudged.target()));
    out.append(">\n      <error");
    attribute(out, "type", "not-judged");
    attribute(out, "message", unjudged.why());
    out.append("/>\n    </testcase>\n");
  }

  private static void begin(StringBuilder out, Finding finding, String targets) {
    String subject =
        finding.object() != null
            ? finding.object().toString()
            : finding.file() == null ? finding.rule().title() : finding.file();
    out.append("    <testcase");
    attribute(out, "classname", finding.rule().id());
    attribute(out, "name", "%s [%s]".formatted(subject, targets));
    if (finding.file() != null) {
      attribute(out, "file", finding.file());
      if (finding.line() > 0) {
        attribute(out, "line", String.valueOf(finding.line()));
      }
    }
    out.append(">\n");
  }

  private static void attribute(StringBuilder out, String name, @Nullable String value) {
    out.append(' ').append(name).append("=\"");
    out.append(escaped(value == null ? "" : value, true)).append('"');
  }

  /** Text as XML 1.0 may hold it; what it may not hold becomes U+FFFD. */
  static String escaped(String text, boolean attribute) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\n', '\t', '\r' -> {
                  if (attribute || c == '\r') {
                    out.append("&#").append(c).append(';');
                  } else {
                    out.append((char) c);
                  }
                }
                default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
              }
            });
    return out.toString();
  }

  // XML 1.0, production 2; the second row of C0 and C1 is allowed there, but a terminal obeys it.
  private static boolean allowed(int c) {
    return (c >= 0x20 && c <= 0x7E)
        || (c >= 0xA0 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || (c >= 0x10000 && c <= 0x10FFFF);
  }
}
