package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SemverRangeTest {

  @ParameterizedTest
  @CsvSource({
    "'>=1.2.4 <2', 1.2.4, true",
    "'>=1.2.4 <2', 1.2.3, false",
    "'>=1.2.4 <2', v1.99.0, true",
    "'>=1.2.4 <2', 2.0.0, false",
    "'>=1.2.4 <2', 2.0.0-rc.1, false",
    "'>=1.2.4, <2', 1.3, true",
    "'^1.4', 1.4.0, true",
    "'^1.4', 1.9.9, true",
    "'^1.4', 1.3.9, false",
    "'^1.4', 2.0.0, false",
    "'^0.3.1', 0.3.9, true",
    "'^0.3.1', 0.4.0, false",
    "'^0.0.3', 0.0.4, false",
    "'~1.4.2', 1.4.9, true",
    "'~1.4.2', 1.5.0, false",
    "'~1', 1.9.0, true",
    "'1.x', 1.7.1, true",
    "'1.x', 2.0.0, false",
    "'*', 0.0.1, true",
    "'1.2', 1.2.9, true",
    "'1.2.3', 1.2.3, true",
    "'1.2.3', 1.2.4, false",
    "'>1.2', 1.2.9, false",
    "'>1.2', 1.3.0, true",
    "'<=1.2', 1.2.9, true",
    "'<=1.2', 1.3.0, false",
    "'^1 || ^3', 3.1.0, true",
    "'^1 || ^3', 2.1.0, false",
  })
  void range_containsWhatPeopleMean(String range, String version, boolean contained) {
    assertThat(SemverRange.parse(range).contains(SemanticVersion.parse(version).orElseThrow()))
        .isEqualTo(contained);
  }

  @Test
  void preRelease_isInARangeOnlyWhereABoundNamesOne() {
    SemanticVersion candidate = SemanticVersion.parse("1.5.0-rc.2").orElseThrow();
    assertThat(SemverRange.parse(">=1.0.0").contains(candidate)).isFalse();
    assertThat(SemverRange.parse(">=1.5.0-rc.1").contains(candidate)).isTrue();
    assertThat(SemverRange.parse(">=1.4.0-rc.1").contains(candidate)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "latest", ">=", "1.2.3.4.x!", "||", "=>1"})
  void nonsense_isRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> SemverRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a version range");
  }

  @ParameterizedTest
  @CsvSource({
    ">=7-0, 7.4.1-alpine, true",
    ">=7-0, 8.0.0-rc1, true",
    ">=7-0, 6.2.1-alpine, false",
    ">=7-0, 7.4.1, true",
    ">=7-0 <8, 7.4.1-alpine, true",
    ">=7-0 <8, 8.0.0-rc1, false",
    "^7.2-0, 7.4.1-alpine3.20, true",
    "^7.2-0, 8.0.0-alpine, false",
    "7.x-0, 7.4.1-alpine, true",
    "~7.4-0, 7.5.0-alpine, false",
    ">=7, 7.4.1-alpine, false",
  })
  void suffixes_arePreReleases_takenWhereABoundEndsInMinusZero(
      String range, String version, boolean expected) {
    assertThat(SemverRange.parse(range).contains(SemanticVersion.parse(version).orElseThrow()))
        .isEqualTo(expected);
  }
}
