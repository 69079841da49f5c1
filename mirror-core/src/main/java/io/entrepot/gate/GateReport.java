package io.entrepot.gate;

import java.util.List;

/**
 * What a check found. Lists are in a stable order.
 *
 * @param findings by rule, target, file, line
 * @param waived findings that are accepted
 * @param skipped what could not be judged
 * @param unusedWaivers entries of {@code allow:} that accepted nothing
 * @param objects Kubernetes objects judged, over all targets
 * @param images different images judged
 */
public record GateReport(
    List<Finding> findings,
    List<Waived> waived,
    List<Skipped> skipped,
    List<Waiver> unusedWaivers,
    int objects,
    int images) {

  /** Copies. */
  public GateReport {
    findings = List.copyOf(findings);
    waived = List.copyOf(waived);
    skipped = List.copyOf(skipped);
    unusedWaivers = List.copyOf(unusedWaivers);
  }

  /** Whether nothing was refused and everything was judged, warnings apart. */
  public boolean passed() {
    return !refuses() && !leavesUnjudged();
  }

  /** Whether anything was found that is no warning. */
  public boolean refuses() {
    return findings.stream().anyMatch(each -> each.severity() == Severity.ERROR);
  }

  /** Whether anything was not judged that is more than a warning. */
  public boolean leavesUnjudged() {
    return skipped.stream().anyMatch(each -> each.severity() == Severity.ERROR);
  }
}
