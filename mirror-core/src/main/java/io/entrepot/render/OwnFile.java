package io.entrepot.render;

import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.List;
import java.util.Set;

/** Which files are this program's own: the images in them are sources, and nothing deploys them. */
public final class OwnFile {

  /** The name of lock files. */
  public static final String LOCK = "images.lock.yaml";

  private static final Set<String> NAMES =
      Set.of("mirror.yaml", "pin.yaml", "check.yaml", "proxy.yaml");

  private static final List<String> KEYS =
      List.of("target", "targets", "registries", "listen", "sites", "lock", "floatingTags");

  private OwnFile() {}

  /**
   * Whether a file is one of this program's.
   *
   * @param name without directories
   * @param documents what it holds
   */
  public static boolean is(String name, List<SourceNode> documents) {
    return documents.size() <= 1
        && (NAMES.contains(name)
            ? documents.stream().allMatch(OwnFile::isConfiguration)
            : name.equals(LOCK) && documents.stream().noneMatch(OwnFile::isObject));
  }

  private static boolean isConfiguration(SourceNode document) {
    return !isObject(document)
        && document instanceof SourceMapping root
        && KEYS.stream().anyMatch(key -> root.entry(key) != null);
  }

  private static boolean isObject(SourceNode document) {
    return document instanceof SourceMapping root && root.entry("kind") != null;
  }
}
