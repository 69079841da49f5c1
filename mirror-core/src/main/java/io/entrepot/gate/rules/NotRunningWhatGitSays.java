package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Running;
import io.entrepot.gate.SameImage;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.pods.RunningContainer;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Images of the tree that clusters run otherwise; judged where lists of pods are given. */
final class NotRunningWhatGitSays implements Judgement {

  static final Rule RULE =
      new Rule(
          "not-running-what-git-says",
          "A cluster runs another image than git says",
          "What was reviewed is not what runs: a sync failed, a tag moved under a restarted pod, or"
              + " somebody edited a live object.",
          "Sync the application, or restart its pods; pin images by digest, so that a restart"
              + " changes nothing.");

  /** Kinds whose pods run all the time. */
  private static final Set<String> LASTING = Set.of("Deployment", "StatefulSet", "DaemonSet");

  /** What a target runs, by reference and by repository. */
  private record Images(
      Map<ImageReference, List<RunningContainer>> named,
      Map<Repository, Set<ImageReference>> ofRepository) {

    static Images of(List<RunningContainer> containers) {
      Map<ImageReference, List<RunningContainer>> named = new HashMap<>();
      Map<Repository, Set<ImageReference>> ofRepository = new HashMap<>();
      for (RunningContainer each : containers) {
        named.computeIfAbsent(each.named(), _ -> new ArrayList<>()).add(each);
        ofRepository
            .computeIfAbsent(each.image().repository(), _ -> new LinkedHashSet<>())
            .add(each.named());
      }
      return new Images(named, ofRepository);
    }
  }

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Running running = evidence.running();
    if (running.lists().isEmpty()) {
      return;
    }
    Map<String, Images> byTarget = new HashMap<>();
    Map<String, Set<ImageReference>> wanted = new HashMap<>();
    for (ImageUse use : evidence.cluster().images()) {
      if (use.role() == ImageUse.Role.CONTAINER) {
        wanted
            .computeIfAbsent(use.target(), _ -> new HashSet<>())
            .add(RunningContainer.named(use.reference()));
      }
    }
    for (ImageUse use : evidence.cluster().images()) {
      if (use.role() != ImageUse.Role.CONTAINER || running.of(use.target()).isEmpty()) {
        continue;
      }
      Images images =
          byTarget.computeIfAbsent(use.target(), target -> Images.of(running.containers(target)));
      List<RunningContainer> own = images.named().get(RunningContainer.named(use.reference()));
      if (own == null) {
        absent(evidence, use, images, wanted.getOrDefault(use.target(), Set.of()), findings);
      } else {
        compare(evidence, use, own, findings);
      }
    }
  }

  private static void compare(
      Evidence evidence, ImageUse use, List<RunningContainer> containers, Findings findings) {
    RunningContainer other = null;
    int differing = 0;
    for (RunningContainer each : containers) {
      switch (evidence.same().compare(use.reference(), each)) {
        case SameImage.Answer.Same _ -> {}
        case SameImage.Answer.Different _ -> {
          other = other == null ? each : other;
          differing++;
        }
        case SameImage.Answer.Unknown unknown -> {
          findings.skip(
              use, "%s runs in %s; %s".formatted(each.title(), each.cluster(), unknown.why()));
          return;
        }
      }
    }
    if (other != null) {
      findings.refuse(
          use,
          "%s runs %s in %s of %s%s"
              .formatted(
                  other.container(),
                  other.digest() == null ? other.config() : other.digest(),
                  other.title(),
                  other.cluster(),
                  differing == 1 ? "" : " (and in %d more)".formatted(differing - 1)));
    }
  }

  /** Nothing runs the image by that name. */
  private static void absent(
      Evidence evidence,
      ImageUse use,
      Images images,
      Set<ImageReference> wanted,
      Findings findings) {
    KubernetesObject object = Objects.requireNonNull(use.object());
    if (!LASTING.contains(object.kind())
        || "0".equals(Nodes.text(object.root(), "spec", "replicas"))
        || evidence.cluster().isPartOfKustomization(object)) {
      return;
    }
    Optional<String> incomplete = evidence.running().incomplete(use.target());
    if (incomplete.isPresent()) {
      findings.skip(use, incomplete.get());
      return;
    }
    List<ImageReference> instead =
        images.ofRepository().getOrDefault(use.reference().repository(), Set.of()).stream()
            .filter(each -> !wanted.contains(each))
            .sorted()
            .toList();
    if (!instead.isEmpty()) {
      RunningContainer first =
          images.named().getOrDefault(instead.getFirst(), List.of()).getFirst();
      findings.refuse(
          use,
          "%s of %s runs %s instead".formatted(first.title(), first.cluster(), instead.getFirst()));
    } else if (evidence.running().isNamed(use.target())) {
      findings.refuse(
          use,
          "no pod of %s runs it"
              .formatted(evidence.running().of(use.target()).getFirst().cluster()));
    }
  }
}
