package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for all versions and ranges (Semantic Versioning 2.0, section 11). */
class VersionsPropertyTest {

  @Provide
  Arbitrary<SemanticVersion> versions() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 4);
    Arbitrary<String> identifier =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 20).map(String::valueOf),
            Arbitraries.strings().withChars("abrc-").ofMinLength(1).ofMaxLength(3));
    Arbitrary<String> preRelease =
        identifier.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join(".", parts));
    return Combinators.combine(number, number, number, preRelease.injectNull(0.5))
        .as(SemanticVersion::new);
  }

  private static String text(SemanticVersion version) {
    return "%d.%d.%d%s"
        .formatted(
            version.major(),
            version.minor(),
            version.patch(),
            version.preRelease() == null ? "" : "-" + version.preRelease());
  }

  private static int sign(int order) {
    return Integer.signum(order);
  }

  @Property
  void text_parsesBack(@ForAll("versions") SemanticVersion version) {
    assertThat(SemanticVersion.parse(text(version))).contains(version);
    assertThat(SemanticVersion.parse("v" + text(version))).contains(version);
    assertThat(SemanticVersion.parse(text(version) + "+build.5")).contains(version);
  }

  @Property
  void order_isTotal(
      @ForAll("versions") SemanticVersion a,
      @ForAll("versions") SemanticVersion b,
      @ForAll("versions") SemanticVersion c) {
    assertThat(sign(a.compareTo(b))).isEqualTo(-sign(b.compareTo(a)));
    if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
      assertThat(a.compareTo(c)).isLessThanOrEqualTo(0);
    }
    if (a.compareTo(b) == 0) {
      assertThat(sign(a.compareTo(c))).isEqualTo(sign(b.compareTo(c)));
    }
  }

  @Property
  void preRelease_comesBeforeItsRelease(@ForAll("versions") SemanticVersion version) {
    SemanticVersion release =
        new SemanticVersion(version.major(), version.minor(), version.patch(), null);
    assertThat(sign(version.compareTo(release))).isEqualTo(version.preRelease() == null ? 0 : -1);
  }

  @Property
  void halves_ofTheVersions_coverEachReleaseOnce(
      @ForAll("versions") SemanticVersion bound, @ForAll("versions") SemanticVersion version) {
    SemanticVersion release =
        new SemanticVersion(version.major(), version.minor(), version.patch(), null);
    boolean below = SemverRange.parse("<" + text(bound)).contains(release);
    boolean above = SemverRange.parse(">=" + text(bound)).contains(release);
    assertThat(below).isNotEqualTo(above);
    assertThat(
            SemverRange.parse("<%s || >=%s".formatted(text(bound), text(bound))).contains(release))
        .isTrue();
  }

  @Property
  void exactRange_holdsItsVersion_andCaretHoldsItToo(@ForAll("versions") SemanticVersion version) {
    assertThat(SemverRange.parse(text(version)).contains(version)).isTrue();
    assertThat(SemverRange.parse("^" + text(version)).contains(version)).isTrue();
    assertThat(SemverRange.parse("~" + text(version)).contains(version)).isTrue();
  }

  @Property
  void tilde_liesWithinCaret_forMajorVersionsFromOneOn(
      @ForAll @IntRange(min = 1, max = 4) int major,
      @ForAll @IntRange(max = 4) int minor,
      @ForAll("versions") SemanticVersion version) {
    String base = "%d.%d.0".formatted(major, minor);
    if (SemverRange.parse("~" + base).contains(version)) {
      assertThat(SemverRange.parse("^" + base).contains(version)).isTrue();
    }
  }

  @Property
  void alternatives_holdWhatOneOfThemHolds(
      @ForAll("versions") SemanticVersion one,
      @ForAll("versions") SemanticVersion other,
      @ForAll("versions") SemanticVersion version) {
    List<String> ranges = List.of("^" + text(one), "~" + text(other));
    boolean any = ranges.stream().anyMatch(range -> SemverRange.parse(range).contains(version));
    assertThat(
            SemverRange.parse(ranges.stream().collect(Collectors.joining(" || ")))
                .contains(version))
        .isEqualTo(any);
  }
}
