package io.entrepot.proxy.login;

import java.util.Locale;

/** What a token may allow in a repository. */
public enum Right {
  /** Pulls. */
  READ,
  /** Pushes. */
  WRITE,
  /** Removes manifests, tags and blobs. */
  DELETE;

  /** As it is configured. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
