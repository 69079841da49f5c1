package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Repositories of which two targets run different digests. */
final class TargetsDiffer implements Judgement {

  static final Rule RULE =
      new Rule(
          "targets-differ",
          "Targets run different digests of one image",
          "What was tested in one target is not what runs in the other.",
          "entrepot promote copies digests forward; a difference that is meant needs a reason in"
              + " allow:.");

  /** A target and the digests that it runs, each with its first use. */
  private record Running(String target, Map<Digest, ImageUse> digests) {

    private List<Digest> without(Running other) {
      return digests.keySet().stream()
          .filter(digest -> !other.digests().containsKey(digest))
          .toList();
    }
  }

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Map<Repository, Map<String, Running>> all = new LinkedHashMap<>();
    for (ImageUse use : evidence.cluster().images()) {
      Digest digest = use.reference().digest();
      if (digest != null && !use.isChart()) {
        all.computeIfAbsent(use.reference().repository(), _ -> new LinkedHashMap<>())
            .computeIfAbsent(use.target(), target -> new Running(target, new LinkedHashMap<>()))
            .digests()
            .putIfAbsent(digest, use);
      }
    }
    all.forEach(
        (repository, byTarget) -> {
          List<Running> running =
              evidence.spec().targets().stream()
                  .map(Target::name)
                  .map(byTarget::get)
                  .filter(Objects::nonNull)
                  .toList();
          for (int i = 0; i < running.size(); i++) {
            for (int j = i + 1; j < running.size(); j++) {
              compare(repository, running.get(i), running.get(j), findings);
            }
          }
        });
  }

  private static void compare(
      Repository repository, Running first, Running second, Findings findings) {
    List<Digest> onlyFirst = first.without(second);
    List<Digest> onlySecond = second.without(first);
    // Where one target runs one version more than the other, the shared ones agree.
    if (onlyFirst.isEmpty() || onlySecond.isEmpty()) {
      return;
    }
    findings.refuse(
        Objects.requireNonNull(second.digests().get(onlySecond.getFirst())),
        "%s is %s in %s and %s in %s"
            .formatted(
                repository, names(onlyFirst), first.target(), names(onlySecond), second.target()));
  }

  private static String names(List<Digest> digests) {
    return String.join(", ", digests.stream().map(Digest::toString).toList());
  }
}
