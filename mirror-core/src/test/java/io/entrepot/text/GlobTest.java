package io.entrepot.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a.yaml           | a.yaml              | true
          a.yaml           | aXyaml              | false
          *.yaml           | a.yaml              | true
          *.yaml           | dir/a.yaml          | false
          env/**           | env/dev/a.yaml      | true
          env/**           | env                 | false
          env/**           | environment/a.yaml  | false
          **/ci/*          | ci/a                | true
          **/ci/*          | x/y/ci/a            | true
          **/ci/*          | x/y/ci/a/b          | false
          a/**/b           | a/b                 | true
          a/**/b           | a/x/y/b             | true
          a/**/b           | a/xb                | false
          a**b             | a/x/b               | true
          v?               | v1                  | true
          v?               | v/                  | false
          v?               | v10                 | false
          feature-*        | feature-x           | true
          feature-*        | my-feature-x        | false
          ghcr.io/acme/*   | ghcr.io/acme/tool   | true
          ghcr.io/acme/*   | ghcr.io/acme/a/tool | false
          **/*.{yaml,yml}  | a.yml               | true
          **/*.{yaml,yml}  | x/a.yaml            | true
          **/*.{yaml,yml}  | x/a.yaml,yml        | false
          {a,b/{c,d}}/x    | b/d/x               | true
          {a,b/{c,d}}/x    | b/x                 | false
          {a,*}.txt        | any.txt             | true
          a,b              | a,b                 | true
          a}               | a}                  | true
          {a,b             | b                   | true
          (a)[c]+$^.Q       | (a)[c]+$^.Q         | true
          (a)              | a                   | false
          """)
  void pattern_fitsTheWholeText(String pattern, String text, boolean fits) {
    assertThat(Glob.of(pattern).matches(text)).isEqualTo(fits);
  }

  @ParameterizedTest
  @CsvSource({
    "env/dev/*.yaml, env/dev",
    "env/d*/x, env",
    "*.yaml, ''",
    "a/b.yaml, a/b.yaml",
    "'x/{a,b}/c', x",
    "x/a?, x"
  })
  void fixedPart_isTheDirectoryAboveTheFirstWildcard(String pattern, String fixed) {
    assertThat(Glob.of(pattern).fixed()).isEqualTo(fixed);
  }

  @Test
  void samePatterns_areEqual() {
    assertThat(Glob.of("a*")).isEqualTo(Glob.of("a*")).hasSameHashCodeAs(Glob.of("a*"));
    assertThat(Glob.of("a*")).isNotEqualTo(Glob.of("a?")).hasToString("a*");
  }
}
