package io.entrepot.cli.output;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waiver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report as a job of GitHub Actions shows it. */
final class GateAnnotations {

  /** GitHub refuses a step summary of more than 1 MiB. */
  private static final int SUMMARY_LIMIT = 900_000;

  private GateAnnotations() {}

  static List<String> of(GateReport report) {
    List<String> lines = new ArrayList<>();
    for (GateGroup group : GateGroup.of(report.findings())) {
      Finding finding = group.finding();
      String message =
          "[%s] %s\n%s".formatted(group.where(), finding.messageWithOthers(), finding.remedy());
      lines.add(
          command(
              finding.severity().id(),
              finding.place(),
              finding.file(),
              finding.line(),
              "%s: %s".formatted(finding.rule().id(), finding.rule().title()),
              message));
    }
    Map<String, List<Skipped>> unjudged = new LinkedHashMap<>();
    for (Skipped each : report.skipped()) {
      unjudged
          .computeIfAbsent(each.rule().id() + "\n" + each.why(), key -> new ArrayList<>())
          .add(each);
    }
    unjudged
        .values()
        .forEach(
            group -> {
              Skipped first = group.getFirst();
              lines.add(
                  command(
                      "warning",
                      "",
                      null,
                      0,
                      first.rule().id() + ": not judged",
                      "%s%s: %s"
                          .formatted(
                              first.what(),
                              group.size() > 1 ? " and %d more".formatted(group.size() - 1) : "",
                              first.why())));
            });
    for (Waiver waiver : report.unusedWaivers()) {
      lines.add(
          "::warning %stitle=allow: accepts nothing::%s"
              .formatted(
                  GithubActions.place(waiver.position()),
                  GithubActions.data(
                      "this entry for %s accepted nothing; remove it"
                          .formatted(waiver.rule().id()))));
    }
    return lines;
  }

  private static String command(
      String kind, String place, @Nullable String file, int line, String title, String message) {
    StringBuilder properties = new StringBuilder();
    if (file != null) {
      properties.append("file=").append(GithubActions.property(file)).append(',');
      if (line > 0) {
        properties.append("line=").append(line).append(',');
      }
    }
    return "::%s %stitle=%s::%s"
        .formatted(
            kind,
            properties,
            GithubActions.property(title),
            GithubActions.data(place.isEmpty() ? message : place + ": " + message));
  }

  static String markdown(GateReport report) {
    StringBuilder text = new StringBuilder("### Check\n\n");
    text.append(GithubActions.cell(GateText.summary(report))).append("\n\n");
    GateGroup.byRule(report.findings()).forEach((rule, groups) -> rule(text, rule, groups));
    if (!report.skipped().isEmpty()) {
      text.append("#### Not judged, which is not passed\n\n| rule | target | what | why |\n");
      text.append("|---|---|---|---|\n");
      for (Skipped each : report.skipped()) {
        row(text, each.rule().id(), each.target(), each.what(), each.why());
      }
      text.append('\n');
    }
    if (!report.waived().isEmpty()) {
      text.append("#### Accepted by `allow:`\n\n| rule | target | what | reason |\n");
      text.append("|---|---|---|---|\n");
      report
          .waived()
          .forEach(
              each ->
                  row(
                      text,
                      each.finding().rule().id(),
                      each.finding().target(),
                      each.finding().message(),
                      each.reason()));
      text.append('\n');
    }
    return text.toString();
  }

  private static void rule(StringBuilder text, Rule rule, List<GateGroup> groups) {
    text.append("#### ").append(rule.id()).append(": ").append(GithubActions.cell(rule.title()));
    text.append("\n\n").append(GithubActions.cell(rule.why())).append("\n\n");
    text.append("| where | object | targets | what | mend |\n|---|---|---|---|---|\n");
    for (GateGroup group : groups) {
      Finding finding = group.finding();
      row(
          text,
          finding.place(),
          finding.object() == null ? "" : finding.object().toString(),
          group.where(),
          finding.messageWithOthers(),
          finding.remedy());
    }
    text.append('\n');
  }

  private static void row(StringBuilder text, String... cells) {
    if (text.length() > SUMMARY_LIMIT) {
      return;
    }
    text.append('|');
    for (String cell : cells) {
      text.append(' ').append(GithubActions.cell(cell)).append(" |");
    }
    text.append('\n');
    if (text.length() > SUMMARY_LIMIT) {
      text.append("\nMore than a step summary holds; `--output json` has all of it.\n");
    }
  }
}
