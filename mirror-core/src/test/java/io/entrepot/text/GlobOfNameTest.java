package io.entrepot.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobOfNameTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          *grafana*        | docker.io/grafana/grafana | true
          docker.io/*      | docker.io/a/b:1           | true
          docker.io/*      | docker.io/                | true
          docker.io/*      | quay.io/a                 | false
          v?               | v1                        | true
          v?               | v/                        | true
          v?               | v                         | false
          a**b             | a/x/b                     | true
          {a,b}            | a                         | false
          {a,b}            | {a,b}                     | true
          (a)[c]+$^.Q       | (a)[c]+$^.Q               | true
          a.b              | axb                       | false
          """)
  void name_fitsAsAWhole_andStarsCrossSlashes(String pattern, String text, boolean fits) {
    assertThat(Glob.ofName(pattern).matches(text)).isEqualTo(fits);
  }

  @ParameterizedTest
  @CsvSource({"docker.io/*, docker.io/", "*x, ''", "a?b, a", "plain, plain"})
  void fixed_isWhatEveryMatchBeginsWith(String pattern, String fixed) {
    assertThat(Glob.ofName(pattern).fixed()).isEqualTo(fixed);
  }

  @Test
  void manyStarsInARow_costNoMoreThanOne() {
    Glob glob = Glob.ofName("*".repeat(5_000) + "z");

    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(glob.matches("a".repeat(50_000))).isFalse());
  }

  @Test
  void lineBreaks_areCharactersLikeOthers() {
    assertThat(Glob.ofName("a*b").matches("a\n\nb")).isTrue();
  }

  @Test
  void equalPatterns_areEqual() {
    assertThat(Glob.ofName("a*")).isEqualTo(Glob.ofName("a*")).isNotEqualTo(Glob.of("a*"));
  }
}
