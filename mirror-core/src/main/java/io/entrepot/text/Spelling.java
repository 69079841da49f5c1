package io.entrepot.text;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What somebody probably meant to write. */
public final class Spelling {

  private Spelling() {}

  /** The complaint about an unknown key. */
  public static String unknown(String key, List<String> known) {
    if (key.length() > 64) {
      return "unknown property; known are " + String.join(", ", known);
    }
    String nearest =
        known.stream()
            .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
            .orElse("");
    int tolerated = Math.min(key.length(), nearest.length()) / 3;
    return !nearest.isEmpty() && distance(key, nearest) <= tolerated
        ? "unknown property; did you mean '%s'?".formatted(nearest)
        : "unknown property; known are " + String.join(", ", known);
  }

  /** Insertions, deletions, replacements and swaps of neighbours, regardless of case. */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best =
            Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        cost[i][j] = swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
