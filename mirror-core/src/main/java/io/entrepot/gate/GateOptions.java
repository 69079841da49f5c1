package io.entrepot.gate;

import io.entrepot.pods.PodList;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one check runs.
 *
 * @param root the tree's root: the directory of check.yaml, or the working directory
 * @param paths files and directories below the root that are judged as they stand, instead of what
 *     the specification renders; empty for what it renders
 * @param offline no registry is asked; lock and cache alone speak for images
 * @param online rendering may use the network, for charts and bases that are not in the tree
 * @param base a git revision: only what changed since is reported; or null
 * @param cache directory of answers that never change
 * @param policy what may run; empty where nobody says it
 * @param pods what clusters run; empty where nothing says so
 */
public record GateOptions(
    Path root,
    List<Path> paths,
    boolean offline,
    boolean online,
    @Nullable String base,
    Path cache,
    Optional<PolicyDecisions.InForce> policy,
    List<PodList> pods) {

  /** Copies. */
  public GateOptions {
    paths = List.copyOf(paths);
    pods = List.copyOf(pods);
  }

  /** A check without a policy, and nothing is known of clusters. */
  public GateOptions(
      Path root,
      List<Path> paths,
      boolean offline,
      boolean online,
      @Nullable String base,
      Path cache) {
    this(root, paths, offline, online, base, cache, Optional.empty(), List.of());
  }

  /** The same under a policy. */
  public GateOptions with(PolicyDecisions.InForce other) {
    return new GateOptions(root, paths, offline, online, base, cache, Optional.of(other), pods);
  }

  /** The same with what clusters run. */
  public GateOptions running(List<PodList> lists) {
    return new GateOptions(root, paths, offline, online, base, cache, policy, lists);
  }
}
