package io.entrepot.registry;

import io.entrepot.oci.Repository;
import java.util.Locale;

/** How a repository of another registry is named below a prefix in ours. */
public enum NamingRule {
  /**
   * {@code docker.io/bitnami/os-shell} is {@code bitnami-os-shell}; {@code library/} is dropped.
   */
  FLAT,
  /** {@code docker.io/bitnami/os-shell} is {@code bitnami/os-shell}. */
  PATH,
  /** {@code docker.io/bitnami/os-shell} is {@code docker.io/bitnami/os-shell}. */
  FULL;

  private static final String OFFICIAL = "library/";

  /** The name below the prefix. */
  public String name(Repository source) {
    String path = source.path();
    return switch (this) {
      case FLAT -> withoutLibrary(path).replace('/', '-');
      case PATH -> path;
      // A port's colon has no place in a repository's path.
      case FULL ->
          source.registry().value().replace(':', '_').replaceAll("[\\[\\]]", "") + "/" + path;
    };
  }

  /** The word used in configuration files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static String withoutLibrary(String path) {
    return path.startsWith(OFFICIAL) ? path.substring(OFFICIAL.length()) : path;
  }
}
