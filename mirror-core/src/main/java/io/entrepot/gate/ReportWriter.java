package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import io.entrepot.text.FilePosition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the report of what rules found: sorted, with waivers applied and without what was known.
 */
final class ReportWriter {

  private final Rules rules;
  private final Path root;
  private final Waivers waivers;
  private final KnownFindings known;
  private final KnownFindings baseline;
  private final Comparator<Finding> order;

  /**
   * @param root what files are shown relative to
   * @param known what was there at the base, with files as rules name them
   * @param baseline what a saved report tells, with files as reports show them
   */
  ReportWriter(
      Rules rules, Path root, Waivers waivers, KnownFindings known, KnownFindings baseline) {
    this.rules = rules;
    this.root = root;
    this.waivers = waivers;
    this.known = known;
    this.baseline = baseline;
    this.order =
        Comparator.comparing(Finding::rule, rules.order())
            .thenComparing(Finding::target)
            .thenComparing(finding -> finding.file() == null ? "" : finding.file())
            .thenComparing(Finding::line)
            .thenComparing(finding -> String.valueOf(finding.object()))
            .thenComparing(Finding::message);
  }

  GateReport write(RenderedCluster cluster, List<Finding> found, List<Skipped> left) {
    CheckSpec spec = cluster.spec();
    found.forEach(each -> waivers.find(shown(each)));
    left.forEach(each -> waivers.find(asFinding(each)));
    List<Finding> fresh =
        baseline.newFindings(known.newFindings(found).stream().map(this::shown).toList());
    List<Finding> findings = new ArrayList<>();
    List<Waived> waived = new ArrayList<>();
    for (Finding each : fresh) {
      Finding finding = each.weighing(spec.severityOf(each.rule()));
      Waiver waiver = waivers.find(finding);
      if (waiver == null) {
        findings.add(finding);
      } else {
        waived.add(new Waived(finding, waiver));
      }
    }
    List<Skipped> skipped = new ArrayList<>();
    Set<Skipped> told = new HashSet<>();
    Set<Skipped> accepted = new HashSet<>();
    for (Skipped each : baseline.newSkipped(known.newSkipped(left))) {
      Finding finding = asFinding(each);
      Waiver waiver = waivers.find(finding);
      // One image of many objects is told once.
      Skipped anywhere =
          new Skipped(each.rule(), each.target(), null, null, each.what(), each.why());
      if (!(waiver == null ? told : accepted).add(anywhere)) {
        continue;
      }
      if (waiver == null) {
        skipped.add(
            each.severity() == Severity.WARNING
                ? each
                : each.weighing(spec.severityOf(each.rule())));
      } else {
        waived.add(new Waived(finding, waiver));
      }
    }
    findings.sort(order);
    findings = together(findings);
    waived.sort(Comparator.comparing(Waived::finding, order));
    skipped.sort(
        Comparator.comparing(Skipped::rule, rules.order())
            .thenComparing(Skipped::target)
            .thenComparing(Skipped::what));
    Set<ImageReference> images =
        cluster.images().stream()
            .map(ImageUse::reference)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return new GateReport(
        findings, waived, skipped, waivers.unused(), cluster.objects().size(), images.size());
  }

  /** Findings of one cause as the first of them, with the places of the others. */
  private static List<Finding> together(List<Finding> findings) {
    Map<List<String>, List<Finding>> causes = new LinkedHashMap<>();
    for (Finding finding : findings) {
      List<String> key =
          finding.cause() == null
              ? List.of(String.valueOf(causes.size()))
              : List.of(finding.rule().id(), finding.target(), finding.cause());
      causes.computeIfAbsent(key, _ -> new ArrayList<>()).add(finding);
    }
    return causes.values().stream()
        .map(
            same ->
                same.getFirst()
                    .with(
                        same.stream()
                            .skip(1)
                            .map(each -> new Finding.Place(each.position(), each.object()))
                            .toList()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private Finding asFinding(Skipped skipped) {
    return new Finding(
        skipped.rule(),
        skipped.target(),
        shown(skipped.position()),
        skipped.object(),
        skipped.what(),
        "not judged: " + skipped.what() + ": " + skipped.why(),
        skipped.rule().remedy());
  }

  private Finding shown(Finding finding) {
    return finding.at(shown(finding.position()));
  }

  /** With the file relative to the root. */
  private @Nullable FilePosition shown(@Nullable FilePosition position) {
    if (position == null
        || (!position.file().startsWith("/") && Files.exists(root.resolve(position.file())))) {
      return position;
    }
    // check.yaml is named as the user named it, which may be from elsewhere.
    Path path = Path.of(position.file());
    Path real = Files.exists(path) ? CheckedTree.real(path) : path.normalize();
    return real.startsWith(root)
        ? position.in(root.relativize(real).toString().replace('\\', '/'))
        : position;
  }
}
