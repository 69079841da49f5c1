package io.entrepot.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

  private static final List<String> KNOWN = List.of("platforms", "registries", "target", "tag");

  @ParameterizedTest
  @CsvSource({
    "platfroms, platforms",
    "Platforms, platforms",
    "registrys, registries",
    "targte, target",
    "tags, tag"
  })
  void nearMiss_namesTheKeyThatIsMeant(String key, String meant) {
    assertThat(Spelling.unknown(key, KNOWN)).contains("did you mean '" + meant + "'?");
  }

  @ParameterizedTest
  @CsvSource({"images", "x", "''"})
  void farMiss_listsAllKeys(String key) {
    assertThat(Spelling.unknown(key, KNOWN))
        .endsWith("known are platforms, registries, target, tag");
  }

  @Test
  void endlessKey_isNotCompared() {
    assertThat(Spelling.unknown("platforms".repeat(100_000), KNOWN)).contains("known are");
  }

  @Test
  void noKnownKeys_isNoFailure() {
    assertThat(Spelling.unknown("a", List.of())).startsWith("unknown property");
  }
}
