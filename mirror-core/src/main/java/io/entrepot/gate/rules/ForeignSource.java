package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Rendering;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Targets that say {@code selfContained: true} and need another repository to be rendered. */
final class ForeignSource implements Judgement {

  static final Rule RULE =
      new Rule(
          "foreign-source",
          "A self-contained target that needs another repository",
          "Who has this repository alone cannot start the target: Argo CD shows ComparisonError on"
              + " the laptop that has no access to the other one.",
          "Bring what it needs into this tree: vendor the chart or the base, or give the facts in"
              + " this target's values.");

  /** An entry of a target. */
  private record Entry(String target, RenderEntry entry) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Set<String> targets =
        evidence.spec().targets().stream()
            .filter(Target::selfContained)
            .map(Target::name)
            .collect(Collectors.toSet());
    for (Rendering.Unrendered unrendered : evidence.cluster().rendering().unrendered()) {
      if (unrendered.foreign() && targets.contains(unrendered.target())) {
        findings.refuse(
            unrendered.target(),
            unrendered.position(),
            "%s does not render from this tree alone: %s"
                .formatted(unrendered.what(), unrendered.why()));
      }
    }
    Set<Entry> seen = new HashSet<>();
    for (KubernetesObject object : evidence.cluster().objects()) {
      String target = object.origin().target();
      RenderEntry entry = object.origin().entry();
      if (targets.contains(target) && isForeign(entry) && seen.add(new Entry(target, entry))) {
        findings.refuse(
            target,
            entry.position(),
            "%s was rendered from another repository".formatted(entry.name()));
      }
    }
  }

  private static boolean isForeign(RenderEntry entry) {
    return switch (entry) {
      case RenderEntry.Helm helm -> helm.repository() != null || isElsewhere(helm.chart());
      case RenderEntry.Kustomize kustomize -> isElsewhere(kustomize.directory());
      case RenderEntry.Manifests manifests ->
          manifests.globs().stream().anyMatch(ForeignSource::isElsewhere);
    };
  }

  private static boolean isElsewhere(String path) {
    return path.startsWith("oci://") || path.startsWith("../") || path.startsWith("/");
  }
}
