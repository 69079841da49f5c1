package io.entrepot.gate;

import java.nio.file.Path;
import java.util.List;
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
 */
public record GateOptions(
    Path root,
    List<Path> paths,
    boolean offline,
    boolean online,
    @Nullable String base,
    Path cache) {

  /** Copies. */
  public GateOptions {
    paths = List.copyOf(paths);
  }
}
