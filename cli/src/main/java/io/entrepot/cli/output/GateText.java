package io.entrepot.cli.output;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;

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
import java.util.regex.Pattern;

/**
 * A report for people: the sums first, then place by place what is wrong there, then for each rule
 * why it matters and what to do.
 */
final class GateText {

  /** More of the same kind are counted, not listed: nobody reads hundreds. */
  private static final int LISTED_UNJUDGED = 5;

  private static final Pattern LONG_DIGEST = Pattern.compile("(sha256:[0-9a-f]{12})[0-9a-f]{52}");

  private final StringBuilder out = new StringBuilder();
  private final GateReport report;
  private final Paint paint;

  private GateText(GateReport report, Paint paint) {
    this.report = report;
    this.paint = paint;
  }

  /**
   * @param quiet findings and what was not judged only
   */
  static String of(GateReport report, boolean quiet, Paint paint) {
    return new GateText(report, paint).text(quiet);
  }

  /** One line of sums. */
  static String summary(GateReport report) {
    return summary(report, Paint.NONE);
  }

  private static String summary(GateReport report, Paint paint) {
    String looked =
        "%s, %s"
            .formatted(
                Amounts.count(report.objects(), "object"), Amounts.count(report.images(), "image"));
    if (report.findings().isEmpty() && report.skipped().isEmpty() && report.waived().isEmpty()) {
      return paint.good("Nothing refused") + ": " + looked + ".";
    }
    long warnings =
        report.findings().stream().filter(each -> each.severity() == Severity.WARNING).count();
    long refused = report.findings().size() - warnings;
    String skipped = report.skipped().size() + " not judged";
    return "%s, %s%d accepted by allow, %s: %s."
        .formatted(
            refused == 0 ? "0 refused" : paint.refused(refused + " refused"),
            warnings == 0 ? "" : paint.doubtful(Amounts.count(warnings, "warning")) + ", ",
            report.waived().size(),
            report.skipped().isEmpty() ? skipped : paint.doubtful(skipped),
            looked);
  }

  private String text(boolean quiet) {
    if (!quiet) {
      out.append(summary(report, paint)).append("\n\n");
    }
    Map<Rule, List<GateGroup>> rules = GateGroup.byRule(report.findings());
    places(rules);
    rules.forEach(this::rule);
    unjudged();
    if (!quiet) {
      accepted();
      unused();
    }
    return out.isEmpty() ? "" : out.toString().stripTrailing() + "\n";
  }

  /** A place, and the object that is written there. */
  private record Head(String file, int line, String text) {

    static Head of(Finding finding) {
      String file = finding.file();
      return new Head(file == null ? "" : file, finding.line(), head(finding));
    }
  }

  private void places(Map<Rule, List<GateGroup>> rules) {
    Map<Head, List<GateGroup>> places = new LinkedHashMap<>();
    rules
        .values()
        .forEach(
            groups ->
                groups.forEach(
                    group ->
                        places
                            .computeIfAbsent(Head.of(group.finding()), _ -> new ArrayList<>())
                            .add(group)));
    places.entrySet().stream()
        .sorted(
            comparing(
                Map.Entry::getKey,
                comparing(Head::file, nullsFirst(naturalOrder()))
                    .thenComparing(Head::line)
                    .thenComparing(Head::text)))
        .forEach(
            place -> {
              out.append(paint.strong(place.getKey().text())).append('\n');
              place.getValue().forEach(group -> finding(group, remedies(rules, group).size() > 1));
              out.append('\n');
            });
  }

  private static Set<String> remedies(Map<Rule, List<GateGroup>> rules, GateGroup group) {
    return remedies(rules.getOrDefault(group.finding().rule(), List.of()));
  }

  private static Set<String> remedies(List<GateGroup> groups) {
    Set<String> remedies = new LinkedHashSet<>();
    groups.forEach(group -> remedies.add(group.finding().remedy()));
    return remedies;
  }

  private void finding(GateGroup group, boolean ownRemedy) {
    Finding finding = group.finding();
    String id = finding.rule().id();
    boolean warning = finding.severity() == Severity.WARNING;
    out.append("  ").append(warning ? paint.doubtful("warning: " + id) : paint.refused(id));
    out.append("  [").append(line(group.where())).append("]\n");
    paragraph("      ", shortened(finding.messageWithOthers()));
    if (ownRemedy) {
      paragraph("      mend: ", finding.remedy());
    }
  }

  private void rule(Rule rule, List<GateGroup> groups) {
    out.append(paint.strong(rule.id())).append(": ").append(rule.title());
    out.append(groups.size() > 1 ? " (" + groups.size() + " places)" : "").append('\n');
    paragraph("  why:  ", rule.why());
    Set<String> remedies = remedies(groups);
    if (remedies.size() == 1) {
      paragraph("  mend: ", remedies.iterator().next());
    }
    out.append('\n');
  }

  private void unjudged() {
    if (report.skipped().isEmpty()) {
      return;
    }
    out.append(paint.doubtful("Not judged, which is not passed:")).append('\n');
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (Skipped each : report.skipped()) {
      groups
          .computeIfAbsent(each.rule().id() + ": " + each.why(), key -> new LinkedHashSet<>())
          .add(each.what() + (each.target().isEmpty() ? "" : " [" + each.target() + "]"));
    }
    groups.forEach(
        (head, things) -> {
          paragraph("  ", head);
          things.stream()
              .limit(LISTED_UNJUDGED)
              .forEach(thing -> out.append("      ").append(shortened(line(thing))).append('\n'));
          if (things.size() > LISTED_UNJUDGED) {
            out.append("      and ").append(things.size() - LISTED_UNJUDGED).append(" more\n");
          }
        });
    out.append('\n');
  }

  private void accepted() {
    if (report.waived().isEmpty()) {
      return;
    }
    out.append("Accepted by allow:\n");
    for (Waived waived : report.waived()) {
      Finding finding = waived.finding();
      out.append("  ").append(finding.rule().id()).append("  ").append(head(finding));
      out.append("  [").append(line(finding.target())).append("]\n");
      out.append("      ").append(line(waived.reason()));
      out.append(paint.faint(" (" + line(waived.waiver().position().toString()) + ")"))
          .append('\n');
    }
    out.append('\n');
  }

  private void unused() {
    if (report.unusedWaivers().isEmpty()) {
      return;
    }
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
  private void paragraph(String first, String text) {
    String rest = " ".repeat(first.length()) + "| ";
    String prefix = first;
    for (String each : harmless(text).strip().split("\\R", -1)) {
      out.append(prefix).append(each.stripTrailing()).append('\n');
      prefix = rest;
    }
  }

  /** Digests by the characters that people compare; the reports for programs have them whole. */
  private static String shortened(String text) {
    return LONG_DIGEST.matcher(text).replaceAll("$1…");
  }

  private static String line(String text) {
    return harmless(text).replaceAll("\\s+", " ").strip();
  }

  // A line of a file must not become a command of the job that shows it.
  private static String harmless(String text) {
    return Console.printable(text).replace("##[", "## [");
  }
}
