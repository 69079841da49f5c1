package io.entrepot.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of chart versions as Helm reads it (Masterminds/semver 3): comparisons with {@code =},
 * {@code !=}, {@code >}, {@code <}, {@code >=}, {@code <=}, {@code ~}, {@code ^}, wildcards {@code
 * x}, {@code X} and {@code *}, ranges with a hyphen, all of those that stand together, {@code ||}
 * between alternatives. A pre-release is in it only where each comparison that it passes names one.
 */
final class ChartRange {

  private static final Pattern VERSION =
      Pattern.compile(
          "v?([0-9]{1,9}|[xX*])(?:\\.([0-9]{1,9}|[xX*]))?(?:\\.([0-9]{1,9}|[xX*]))?"
              + "(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?");
  private static final Pattern COMPARISON =
      Pattern.compile("(=||!=|>|<|>=|=>|<=|=<|~|~>|\\^)\\s*(" + VERSION.pattern() + ")");
  private static final Pattern HYPHEN = Pattern.compile("(\\S+)\\s+-\\s+(\\S+)");

  private final List<List<Comparison>> alternatives;

  private ChartRange(List<List<Comparison>> alternatives) {
    this.alternatives = alternatives;
  }

  /** Versions from one, inclusive, below another, or all but those. */
  private record Comparison(
      SemanticVersion low, @Nullable SemanticVersion below, boolean not, boolean preReleases) {

    boolean admits(SemanticVersion version) {
      if (version.preRelease() != null && !preReleases) {
        return false;
      }
      boolean within =
          version.compareTo(low) >= 0 && (below == null || version.compareTo(below) < 0);
      return within != not;
    }
  }

  /** Whether a text is one version and no range. */
  static boolean isExact(String text) {
    return text.matches("v?[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?");
  }

  /**
   * Parses a range.
   *
   * @throws IllegalArgumentException for what Helm does not understand either
   */
  static ChartRange parse(String text) {
    List<List<Comparison>> alternatives = new ArrayList<>();
    for (String alternative : text.split("\\|\\|", -1)) {
      List<Comparison> comparisons = new ArrayList<>();
      Matcher hyphen = HYPHEN.matcher(alternative.strip());
      String rest =
          hyphen.matches() ? ">=" + hyphen.group(1) + " <=" + hyphen.group(2) : alternative;
      Matcher matcher = COMPARISON.matcher(rest);
      int at = 0;
      while (at < rest.length()) {
        char c = rest.charAt(at);
        if (c == ' ' || c == ',') {
          at++;
          continue;
        }
        matcher.region(at, rest.length());
        if (!longest(matcher, rest, at)) {
          throw new IllegalArgumentException(
              "not a version or range: '%s' (for example 20.1.0, \"20.x\" or \">=1.2 <2\")"
                  .formatted(text));
        }
        comparisons.add(comparison(matcher.group(1), matcher.group(2)));
        at = matcher.end();
      }
      if (comparisons.isEmpty()) {
        throw new IllegalArgumentException(
            "not a version or range: '%s' (for example 20.1.0, \"20.x\" or \">=1.2 <2\")"
                .formatted(text));
      }
      alternatives.add(List.copyOf(comparisons));
    }
    return new ChartRange(List.copyOf(alternatives));
  }

  /** A comparison ends at a space, a comma or the end. */
  private static boolean longest(Matcher matcher, String text, int at) {
    int end = at;
    while (end < text.length() && "=!<>~^ ".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != ',') {
      end++;
    }
    matcher.region(at, end);
    return matcher.matches();
  }

  /** Whether a version is in the range. */
  boolean contains(SemanticVersion version) {
    return alternatives.stream()
        .anyMatch(comparisons -> comparisons.stream().allMatch(each -> each.admits(version)));
  }

  private static Comparison comparison(String operator, String text) {
    Matcher version = VERSION.matcher(text);
    if (!version.matches()) {
      throw new IllegalStateException("matched before: " + text);
    }
    Optional<Integer> major = number(version.group(1));
    Optional<Integer> minor = major.flatMap(given -> number(version.group(2)));
    Optional<Integer> patch = minor.flatMap(given -> number(version.group(3)));
    String preRelease = version.group(4);
    boolean pre = preRelease != null;
    SemanticVersion low =
        new SemanticVersion(major.orElse(0), minor.orElse(0), patch.orElse(0), preRelease);
    SemanticVersion lowest = bound(0, 0, 0);
    int given = patch.isPresent() ? 3 : minor.isPresent() ? 2 : major.isPresent() ? 1 : 0;
    SemanticVersion next = given == 0 ? null : next(low, given);
    SemanticVersion justAbove = given == 3 ? after(low) : next;
    return switch (operator) {
      case "", "=" ->
          given == 3
              ? new Comparison(low, after(low), false, pre)
              : new Comparison(low, next, false, pre);
      case "!=" -> new Comparison(low, justAbove, true, pre);
      case ">=", "=>" -> new Comparison(low, null, false, pre);
      case ">" ->
          justAbove == null
              ? new Comparison(lowest, null, true, pre)
              : new Comparison(justAbove, null, false, pre);
      case "<" -> new Comparison(lowest, low, false, pre);
      case "<=", "=<" -> new Comparison(lowest, justAbove, false, pre);
      case "~", "~>" ->
          new Comparison(low, given == 0 ? null : next(low, Math.min(given, 2)), false, pre);
      default -> new Comparison(low, caret(low, given), false, pre);
    };
  }

  private static @Nullable SemanticVersion caret(SemanticVersion low, int given) {
    if (given == 0) {
      return null;
    }
    if (low.major() > 0 || given == 1) {
      return next(low, 1);
    }
    return low.minor() > 0 || given == 2 ? next(low, 2) : next(low, 3);
  }

  /** The lowest version above all that share the first numbers. */
  private static SemanticVersion next(SemanticVersion low, int kept) {
    return switch (kept) {
      case 1 -> bound(low.major() + 1, 0, 0);
      case 2 -> bound(low.major(), low.minor() + 1, 0);
      default -> bound(low.major(), low.minor(), low.patch() + 1);
    };
  }

  /** The lowest version above one. */
  private static SemanticVersion after(SemanticVersion version) {
    String pre = version.preRelease();
    return pre == null
        ? next(version, 3)
        : new SemanticVersion(version.major(), version.minor(), version.patch(), pre + ".0");
  }

  private static SemanticVersion bound(int major, int minor, int patch) {
    return new SemanticVersion(major, minor, patch, "");
  }

  private static Optional<Integer> number(@Nullable String part) {
    return part == null || part.matches("[xX*]")
        ? Optional.empty()
        : Optional.of(Integer.parseInt(part));
  }
}
