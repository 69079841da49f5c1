package io.entrepot.yaml;

/**
 * Gives equal short texts as one string. A tree of manifests says the same keys, kinds and labels
 * thousands of times; kept once they take half of the memory of all nodes.
 *
 * <p>Bounded: a text takes the place of another one with the same slot. Safe for several threads,
 * which at worst keep two copies.
 */
final class SharedTexts {

  /** Longer texts rarely come twice. */
  private static final int MAX_LENGTH = 80;

  private static final int SLOTS = 1 << 14;

  private static final String[] TEXTS = new String[SLOTS];

  private SharedTexts() {}

  static String of(String text) {
    if (text.length() > MAX_LENGTH) {
      return text;
    }
    int hash = text.hashCode();
    int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    String known = TEXTS[slot];
    if (text.equals(known)) {
      return known;
    }
    TEXTS[slot] = text;
    return text;
  }
}
