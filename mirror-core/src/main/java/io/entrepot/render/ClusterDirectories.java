package io.entrepot.render;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Directories of which each is the entry of a cluster of its own, as Flux's repositories have them:
 * {@code clusters/eu} beside {@code clusters/us}. Where there is one only, it is the target's.
 */
final class ClusterDirectories {

  private static final Pattern CLUSTER = Pattern.compile("(?:^|/)clusters/([^/]+)/");

  private final Set<String> names = new TreeSet<>();

  /** Remembers the cluster of a file; one that is named like a target is that target's. */
  void learn(String path, Collection<String> targets) {
    String name = name(path);
    if (name != null && !targets.contains(name) && !Environments.isShared(name)) {
      names.add(name);
    }
  }

  /** The cluster of a file, or null where it is its target's. */
  @Nullable String of(String path) {
    String name = name(path);
    return name != null && names.size() > 1 && names.contains(name) ? name : null;
  }

  private static @Nullable String name(String path) {
    Matcher cluster = CLUSTER.matcher(path);
    return cluster.find() ? cluster.group(1) : null;
  }
}
