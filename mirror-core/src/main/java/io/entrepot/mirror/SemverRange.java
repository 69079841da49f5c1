package io.entrepot.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of versions as people write it: {@code >=1.2.4 <2}, {@code ^1.4}, {@code ~1.4.2}, {@code
 * 1.x}, alternatives with {@code ||}.
 *
 * <p>Versions follow Semantic Versioning 2.0, with the leading {@code v} and the missing minor or
 * patch number that tags have. A pre-release is in a range only where a bound names a pre-release
 * of the same version, or ends in {@code -0}: {@code >=7-0} takes the pre-releases of all versions
 * in the range, and with them flavours such as {@code 7.4.1-alpine}.
 */
public final class SemverRange {

  private static final Pattern CONDITION =
      Pattern.compile(
          "(>=|<=|>|<|=|\\^|~)?\\s*v?([0-9xX*]+(?:\\.[0-9xX*]+){0,2})(-[0-9A-Za-z.-]+)?");

  private final String text;
  private final List<List<Bound>> alternatives;

  private record Bound(String operator, SemanticVersion version) {
    boolean admits(SemanticVersion candidate) {
      int order = candidate.compareTo(version);
      return switch (operator) {
        case ">=" -> order >= 0;
        case ">" -> order > 0;
        case "<=" -> order <= 0;
        case "<" -> order < 0;
        default -> order == 0;
      };
    }

    /** {@code <8} does not mean the flavours of 8.0.0. */
    boolean isReleaseAbove(SemanticVersion candidate) {
      return operator.equals("<") && version.preRelease() == null && version.sameNumbers(candidate);
    }
  }

  private SemverRange(String text, List<List<Bound>> alternatives) {
    this.text = text;
    this.alternatives = alternatives;
  }

  /**
   * Parses a range.
   *
   * @throws IllegalArgumentException naming the part that is not understood
   */
  public static SemverRange parse(String text) {
    List<List<Bound>> alternatives = new ArrayList<>();
    for (String alternative : text.split("\\|\\|", -1)) {
      List<Bound> bounds = new ArrayList<>();
      Matcher matcher = CONDITION.matcher(alternative);
      int at = 0;
      while (at < alternative.length()) {
        char c = alternative.charAt(at);
        if (c == ' ' || c == ',') {
          at++;
          continue;
        }
        matcher.region(at, alternative.length());
        if (!matcher.lookingAt()) {
          throw new IllegalArgumentException(
              "not a version range: '%s' (at '%s'; for example \">=1.2.4 <2\")"
                  .formatted(text, alternative.substring(at)));
        }
        addBounds(bounds, matcher.group(1), matcher.group(2), matcher.group(3));
        at = matcher.end();
      }
      if (bounds.isEmpty()) {
        throw new IllegalArgumentException(
            "not a version range: '%s' (empty; for example \">=1.2.4 <2\")".formatted(text));
      }
      alternatives.add(List.copyOf(bounds));
    }
    return new SemverRange(text, List.copyOf(alternatives));
  }

  /** Whether a version lies in the range. */
  public boolean contains(SemanticVersion version) {
    return alternatives.stream()
        .anyMatch(
            bounds ->
                bounds.stream().allMatch(bound -> bound.admits(version))
                    && (version.preRelease() == null || takes(bounds, version)));
  }

  /** Whether the range would hold a version if suffixes did not make it a pre-release. */
  boolean containsNumbersOf(SemanticVersion version) {
    return contains(new SemanticVersion(version.major(), version.minor(), version.patch(), null));
  }

  private static boolean takes(List<Bound> bounds, SemanticVersion version) {
    return takesAllPreReleases(bounds)
        ? bounds.stream().noneMatch(bound -> bound.isReleaseAbove(version))
        : namesPreReleaseOf(bounds, version);
  }

  /** Whether a bound ends in {@code -0}, the lowest pre-release there is. */
  private static boolean takesAllPreReleases(List<Bound> bounds) {
    return bounds.stream().anyMatch(bound -> "0".equals(bound.version().preRelease()));
  }

  @Override
  public String toString() {
    return text;
  }

  private static boolean namesPreReleaseOf(List<Bound> bounds, SemanticVersion version) {
    return bounds.stream()
        .anyMatch(
            bound ->
                bound.version().preRelease() != null
                    && !bound.version().preRelease().isEmpty()
                    && bound.version().sameNumbers(version));
  }

  private static void addBounds(
      List<Bound> bounds, @Nullable String operator, String numbers, @Nullable String preRelease) {
    List<Integer> given = new ArrayList<>();
    for (String part : numbers.split("\\.", -1)) {
      if (part.matches("[xX*]")) {
        break;
      }
      given.add(number(part, numbers));
    }
    int major = given.isEmpty() ? 0 : given.get(0);
    int minor = given.size() > 1 ? given.get(1) : 0;
    int patch = given.size() > 2 ? given.get(2) : 0;
    String pre = preRelease == null ? null : preRelease.substring(1);
    SemanticVersion low = new SemanticVersion(major, minor, patch, pre);
    switch (operator == null ? "" : operator) {
      case ">=", "<" -> bounds.add(new Bound(operator == null ? ">=" : operator, low));
      case ">", "<=" -> {
        // ">1.2" leaves out all of 1.2.x, and "<=1.2" takes all of it.
        if (given.size() == 3) {
          bounds.add(new Bound(operator == null ? ">" : operator, low));
        } else {
          bounds.add(new Bound(">".equals(operator) ? ">=" : "<", above(given, given.size())));
        }
      }
      case "^" -> {
        bounds.add(new Bound(">=", low));
        int kept = major > 0 || given.size() < 2 ? 1 : minor > 0 || given.size() < 3 ? 2 : 3;
        bounds.add(new Bound("<", above(given, Math.min(kept, given.size()))));
      }
      case "~" -> {
        bounds.add(new Bound(">=", low));
        bounds.add(new Bound("<", above(given, Math.min(2, given.size()))));
      }
      default -> {
        if (given.size() == 3) {
          bounds.add(new Bound("=", low));
        } else {
          bounds.add(new Bound(">=", low));
          bounds.add(new Bound("<", above(given, given.size())));
        }
      }
    }
  }

  /** The lowest version above everything that shares the first {@code kept} numbers. */
  private static SemanticVersion above(List<Integer> given, int kept) {
    return switch (kept) {
      case 0 -> new SemanticVersion(Integer.MAX_VALUE, 0, 0, null);
      case 1 -> new SemanticVersion(given.get(0) + 1, 0, 0, "");
      case 2 -> new SemanticVersion(given.get(0), given.get(1) + 1, 0, "");
      default -> new SemanticVersion(given.get(0), given.get(1), given.get(2) + 1, "");
    };
  }

  private static int number(String part, String whole) {
    try {
      return Integer.parseInt(part);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a version: '%s'".formatted(whole), e);
    }
  }
}
