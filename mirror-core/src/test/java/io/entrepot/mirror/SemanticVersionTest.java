package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SemanticVersionTest {

  @Test
  void order_isThatOfTheSpecification() {
    List<String> ascending =
        List.of(
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.2.0",
            "1.10.0");
    assertThat(
            ascending.reversed().stream()
                .map(text -> SemanticVersion.parse(text).orElseThrow())
                .sorted()
                .toList())
        .isEqualTo(
            ascending.stream().map(text -> SemanticVersion.parse(text).orElseThrow()).toList());
  }

  @Test
  void tags_mayHaveALeadingVAndFewerNumbers() {
    assertThat(SemanticVersion.parse("v1.36")).isEqualTo(SemanticVersion.parse("1.36.0"));
    assertThat(SemanticVersion.parse("12")).isEqualTo(SemanticVersion.parse("12.0.0"));
  }

  @Test
  void wordsAndDigests_areNoVersions() {
    assertThat(SemanticVersion.parse("latest")).isEmpty();
    assertThat(SemanticVersion.parse("1.2.3.4")).isEmpty();
    assertThat(SemanticVersion.parse("sha256-" + "a".repeat(64))).isEmpty();
  }
}
