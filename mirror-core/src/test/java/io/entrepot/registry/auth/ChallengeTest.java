package io.entrepot.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {

  private static final Map<String, String> FULL =
      Map.of("realm", "https://a/token", "service", "s", "scope", "repository:a/b:pull,push");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer realm=\"https://a/token\",service=\"s\",scope=\"repository:a/b:pull,push\"",
        "bearer scope=\"repository:a/b:pull,push\", SERVICE=s , Realm=\"https://a/token\"",
        ",, BEARER  realm = \"https://a/token\" ,,service=\"s\",\tscope=\"repository:a/b:pull,push\",",
        "Bearer realm=https://a/token,service=s,scope=\"repository:a/b:pull,push\"",
        "Bearer realm=\"https:\\/\\/a/token\" service=\"s\" scope=\"repository:a/b:pull,push\"",
        "Negotiate, Bearer realm=\"https://a/token\",service=s,scope=\"repository:a/b:pull,push\"",
        "Negotiate dG9rZW4=, Bearer realm=\"https://a/token\",service=s,scope=\"repository:a/b:pull,push\"",
        "Basic realm=\"x, Bearer realm=evil\", Bearer realm=\"https://a/token\",service=s,"
            + "scope=\"repository:a/b:pull,push\"",
      })
  void parse_everyLegalSpelling_sameParameters(String header) {
    assertThat(Challenge.parse(List.of(header)).first("bearer", "realm"))
        .hasValueSatisfying(challenge -> assertThat(challenge.parameters()).isEqualTo(FULL));
  }

  @Test
  void parse_severalHeaders_allChallengesInOrder() {
    Challenge.Parsed parsed =
        Challenge.parse(List.of("Basic realm=\"say \\\"hi\\\"\"", "Bearer realm=r"));
    assertThat(parsed.challenges())
        .extracting(Challenge::scheme)
        .containsExactly("basic", "bearer");
    assertThat(parsed.challenges().getFirst().parameters()).containsEntry("realm", "say \"hi\"");
    assertThat(parsed.ignored()).isEmpty();
  }

  @Test
  void parse_schemeAlone_noParameters() {
    Challenge.Parsed parsed = Challenge.parse(List.of("Basic"));
    assertThat(parsed.first("basic")).isPresent();
    assertThat(parsed.first("bearer")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer realm=\"https://a",
        "Bearer realm=\"a\\",
        "realm=\"https://a/token\"",
        "Bearer realm=a, realm=b",
        "Bearer realm=\"a\u0001b\"",
        "\"Bearer\" realm=a",
        "Bearer@realm=a",
      })
  void parse_malformed_ignoredWithAReason(String header) {
    Challenge.Parsed parsed = Challenge.parse(List.of(header));
    assertThat(parsed.first("bearer", "realm")).isEmpty();
    assertThat(parsed.ignored()).hasSize(1);
  }

  @Test
  void parse_hugeInput_bounded() {
    assertThat(Challenge.parse(List.of("Bearer realm=" + "a".repeat(9000))).ignored()).hasSize(1);
    assertThat(Challenge.parse(List.of("a, ".repeat(2000))).challenges())
        .hasSizeLessThanOrEqualTo(16);
    assertThat(Challenge.parse(List.of("=".repeat(8000))).ignored()).hasSize(1);
  }
}
