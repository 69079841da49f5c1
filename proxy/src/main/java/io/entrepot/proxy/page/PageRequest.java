package io.entrepot.proxy.page;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is wanted.
 *
 * @param size items, 1 to {@value #MOST}
 * @param last the key after which the part begins, or null for the first
 */
public record PageRequest(int size, @Nullable String last) {

  /** Items where nobody says how many. */
  public static final int USUAL = 100;

  /** Items at most. */
  public static final int MOST = 1_000;

  /**
   * Reads {@code n} and {@code last}.
   *
   * @throws IllegalArgumentException for an {@code n} that is no number above 0
   */
  public static PageRequest parse(@Nullable String n, @Nullable String last) {
    if (n == null) {
      return new PageRequest(USUAL, last);
    }
    if (!n.matches("0*[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException("n is a number, 1 to " + MOST);
    }
    return new PageRequest((int) Math.min(MOST, Long.parseLong(n)), last);
  }
}
