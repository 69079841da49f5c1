package io.entrepot.mirror;

import java.util.Locale;

/** The two ends of a copy. */
public enum Side {
  /** Where images come from. */
  SOURCE,
  /** Where copies go. */
  TARGET;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
