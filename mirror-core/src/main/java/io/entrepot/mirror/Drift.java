package io.entrepot.mirror;

import java.util.Locale;

/** How a source differs from what the last run left. */
public enum Drift {
  /** Its name means another digest, which is copied. */
  MOVED,
  /** Its name means another list, which holds the same for every platform asked; nothing moves. */
  QUIET,
  /** Its name means another digest, which is too young. */
  WAITING,
  /** It is not there any more. */
  GONE;

  /** As reports spell it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
