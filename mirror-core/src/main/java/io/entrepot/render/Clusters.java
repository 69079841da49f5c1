package io.entrepot.render;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which cluster each target is. */
final class Clusters {

  private final List<RenderTarget> targets;

  Clusters(List<RenderTarget> targets) {
    this.targets = List.copyOf(targets);
  }

  /** The targets' names. */
  List<String> targets() {
    return targets.stream().map(RenderTarget::name).toList();
  }

  /**
   * The cluster that an application of a target goes to.
   *
   * @param home the cluster that the application lies in, or null for the target's own
   * @param named as the application names it, or null: {@code in-cluster} is another one in each
   *     target
   */
  String of(String target, @Nullable String home, @Nullable String named) {
    String own =
        targets.stream()
            .filter(each -> each.name().equals(target))
            .map(RenderTarget::cluster)
            .findFirst()
            .orElse(target);
    boolean local =
        named == null
            || named.equals("in-cluster")
            || named.startsWith("https://kubernetes.default.svc");
    return local || targets.stream().anyMatch(each -> each.name().equals(named))
        ? local && home != null ? home : own
        : own + " " + named;
  }

  /** The cluster of a directory that is not the target's own. */
  String beside(String target, String directory) {
    return of(target, null, null) + " " + directory;
  }
}
