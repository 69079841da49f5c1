package io.entrepot.cli.output;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Severity;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waived;
import io.entrepot.gate.Waiver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A report for people: rule by rule, why it matters, each place, what to do. */
final class GateText {

  /** More of the same kind are counted, not listed: nobody reads hundreds. */
  private static final int LISTED_UNJUDGED = 5;

  private GateText() {}

  /**
   * @param quiet findings and what was not judged only
   */
  static String of(GateReport report, boolean quiet) {
    StringBuilder out = new StringBuilder();
    GateGroup.byRule(report.findings()).forEach((rule, groups) -> rule(out, rule, groups));
    unjudged(out, report.skipped());
    if (quiet) {
      return out.toString();
    }
    if (!report.waived().isEmpty()) {
      out.append("Accepted by allow:\n");
      for (Waived waived : report.waived()) {
        Finding finding = waived.finding();
        out.append("  ").append(finding.rule().id()).append("  ").append(head(finding));
        out.append("  [").append(line(finding.target())).append("]\n");
        out.append("      ").append(line(waived.reason()));
        out.append(" (").append(line(waived.waiver().position().toString())).append(")\n");
      }
      out.append('\n');
    }
    if (!report.unusedWaivers().isEmpty()) {
      out.append("Entries of allow: that accepted nothing (remove them):\n");
      for (Waiver waiver : report.unusedWaivers()) {
        out.append("  ")
            .append(line(waiver.position().toString()))
            .append("  ")
            .append(waiver.rule().id());
        out.append(": ").append(line(waiver.reason())).append('\n');
      }
      out.append('\n');
    }
    return out.append(summary(report)).append('\n').toString();
  }

  /** One line of sums. */
  static String summary(GateReport report) {
    String looked =
        "%s, %s"
            .formatted(
                Amounts.count(report.objects(), "object"), Amounts.count(report.images(), "image"));
    if (report.findings().isEmpty() && report.skipped().isEmpty() && report.waived().isEmpty()) {
      return "Nothing refused: " + looked + ".";
    }
    long warnings =
        report.findings().stream().filter(each -> each.severity() == Severity.WARNING).count();
    return "%d refused, %s%d accepted by allow, %d not judged: %s."
        .formatted(
            report.findings().size() - warnings,
            warnings == 0 ? "" : Amounts.count(warnings, "warning") + ", ",
            report.waived().size(),
            report.skipped().size(),
            looked);
  }

  private static void rule(StringBuilder out, Rule rule, List<GateGroup> groups) {
    boolean warning = groups.getFirst().finding().severity() == Severity.WARNING;
    out.append(warning ? "warning: " : "").append(rule.id()).append(": ").append(rule.title());
    out.append(groups.size() > 1 ? " (" + groups.size() + " places)" : "").append('\n');
    paragraph(out, "  why:  ", rule.why());
    Set<String> remedies = new LinkedHashSet<>();
    groups.forEach(group -> remedies.add(group.finding().remedy()));
    if (remedies.size() == 1) {
      paragraph(out, "  mend: ", remedies.iterator().next());
    }
    for (GateGroup group : groups) {
      out.append("\n  ").append(head(group.finding()));
      out.append("  [").append(line(group.where())).append("]\n");
      paragraph(out, "      ", group.finding().messageWithOthers());
      if (remedies.size() > 1) {
        paragraph(out, "      mend: ", group.finding().remedy());
      }
    }
    out.append('\n');
  }

  private static void unjudged(StringBuilder out, List<Skipped> all) {
    if (all.isEmpty()) {
      return;
    }
    out.append("Not judged, which is not passed:\n");
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (Skipped each : all) {
      groups
          .computeIfAbsent(each.rule().id() + ": " + each.why(), key -> new LinkedHashSet<>())
          .add(each.what() + (each.target().isEmpty() ? "" : " [" + each.target() + "]"));
    }
    groups.forEach(
        (head, things) -> {
          paragraph(out, "  ", head);
          things.stream()
              .limit(LISTED_UNJUDGED)
              .forEach(thing -> out.append("      ").append(line(thing)).append('\n'));
          if (things.size() > LISTED_UNJUDGED) {
            out.append("      and ").append(things.size() - LISTED_UNJUDGED).append(" more\n");
          }
        });
    out.append('\n');
  }

  private static String head(Finding finding) {
    List<String> parts = new ArrayList<>();
    String place = finding.place();
    if (!place.isEmpty()) {
      parts.add(line(place));
    }
    if (finding.object() != null) {
      parts.add(line(finding.object().toString()));
    }
    return parts.isEmpty() ? "(no file)" : String.join("  ", parts);
  }

  /** Text of several lines, the first one after a word and the others marked as its rest. */
  private static void paragraph(StringBuilder out, String first, String text) {
    String rest = " ".repeat(first.length()) + "| ";
    String prefix = first;
    for (String each : harmless(text).strip().split("\\R", -1)) {
      out.append(prefix).append(each.stripTrailing()).append('\n');
      prefix = rest;
    }
  }

  private static String line(String text) {
    return harmless(text).replaceAll("\\s+", " ").strip();
  }

  // A line of a file must not become a command of the job that shows it.
  private static String harmless(String text) {
    return Console.printable(text).replace("##[", "## [");
  }
}
