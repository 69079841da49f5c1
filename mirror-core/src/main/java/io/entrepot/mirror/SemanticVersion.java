package io.entrepot.mirror;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A version as found in tags: {@code v1.2.3-rc.1}; build metadata is ignored.
 *
 * @param preRelease null for a release; the empty string sorts below every other pre-release and
 *     serves as a bound
 */
public record SemanticVersion(int major, int minor, int patch, @Nullable String preRelease)
    implements Comparable<SemanticVersion> {

  private static final Pattern TAG =
      Pattern.compile(
          "v?([0-9]{1,9})(?:\\.([0-9]{1,9}))?(?:\\.([0-9]{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\\+.*)?");

  /** The version that a tag spells, if it does. */
  public static Optional<SemanticVersion> parse(String tag) {
    Matcher matcher = TAG.matcher(tag);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new SemanticVersion(
            number(matcher.group(1)),
            number(matcher.group(2)),
            number(matcher.group(3)),
            matcher.group(4)));
  }

  boolean sameNumbers(SemanticVersion other) {
    return major == other.major && minor == other.minor && patch == other.patch;
  }

  /** Precedence of Semantic Versioning 2.0, section 11. */
  @Override
  public int compareTo(SemanticVersion other) {
    int order = Integer.compare(major, other.major);
    order = order != 0 ? order : Integer.compare(minor, other.minor);
    order = order != 0 ? order : Integer.compare(patch, other.patch);
    return order != 0 ? order : comparePreRelease(preRelease, other.preRelease);
  }

  private static int comparePreRelease(@Nullable String left, @Nullable String right) {
    if (left == null || right == null) {
      return left == null ? (right == null ? 0 : 1) : -1;
    }
    if (left.isEmpty() || right.isEmpty()) {
      return Boolean.compare(!left.isEmpty(), !right.isEmpty());
    }
    String[] lefts = left.split("\\.", -1);
    String[] rights = right.split("\\.", -1);
    for (int i = 0; i < Math.min(lefts.length, rights.length); i++) {
      int order = compareIdentifier(lefts[i], rights[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(lefts.length, rights.length);
  }

  private static int compareIdentifier(String left, String right) {
    boolean leftNumeric = left.matches("[0-9]+");
    boolean rightNumeric = right.matches("[0-9]+");
    if (leftNumeric && rightNumeric) {
      return new BigInteger(left).compareTo(new BigInteger(right));
    }
    if (leftNumeric != rightNumeric) {
      return leftNumeric ? -1 : 1;
    }
    return left.compareTo(right);
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
