package io.entrepot.render;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which repository the tree itself is, and which others lie in local checkouts. The tree is what
 * its git remotes say; where these name none of the repositories that the tree deploys from, it is
 * the one whose paths are here.
 */
final class Repositories {

  private final Sources sources;
  private final Set<String> remotes;
  private final Map<String, String> checkouts = new HashMap<>();
  private final Map<String, Integer> hits = new LinkedHashMap<>();

  /**
   * @param remotes addresses of the tree's own repository, empty where they are not known
   * @param checkouts where other repositories lie, by address
   */
  Repositories(Sources sources, Set<String> remotes, SortedMap<String, Path> checkouts) {
    this.sources = sources;
    this.remotes = Set.copyOf(remotes.stream().map(Repositories::normal).toList());
    checkouts.forEach((url, path) -> this.checkouts.put(normal(url), sources.shown(path)));
  }

  /** Remembers that something is deployed from a path of a repository. */
  void learn(@Nullable String url, @Nullable String path) {
    if (url != null && path != null) {
      boolean template = path.contains("{{");
      boolean here = !template && !path.isEmpty() && sources.isDirectory(TreePath.tidy(path));
      hits.merge(normal(url), here ? 1 : 0, Integer::sum);
    }
  }

  /**
   * Where a repository lies: a directory of the tree or outside of it, empty for the tree itself;
   * null where it is not at hand.
   */
  @Nullable String base(String url) {
    String name = normal(url);
    String checkout = checkouts.get(name);
    if (checkout != null) {
      return checkout;
    }
    return isTree(name) ? "" : null;
  }

  /** Whether git says which of the repositories that are deployed from is the tree. */
  boolean isTreeKnown() {
    return hits.keySet().stream().anyMatch(remotes::contains);
  }

  private boolean isTree(String name) {
    if (remotes.contains(name)) {
      return true;
    }
    if (isTreeKnown()) {
      return false;
    }
    int most = hits.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return hits.size() <= 1 || (most > 0 && hits.getOrDefault(name, 0) == most);
  }

  /** An address without scheme, user, port and ending, so that ssh and https are the same. */
  static String normal(String url) {
    String name = url.strip().replaceFirst("^[a-zA-Z][a-zA-Z0-9+.-]*://", "");
    boolean scheme = name.length() < url.strip().length();
    name = name.replaceFirst("^[^/@]*@", "");
    name = scheme ? name.replaceFirst("^([^/:]+):\\d+/", "$1/") : name.replaceFirst(":", "/");
    return name.replaceFirst("/+$", "").replaceFirst("\\.git$", "").toLowerCase(Locale.ROOT);
  }
}
