package io.entrepot.sites;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns of site paths. */
final class SitePatternTest {

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource({
    "image, image, true",
    "image, images, false",
    "spec.*.build, spec.a.build, true",
    "spec.*.build, spec.a.b.build, false",
    "spec.**.build, spec.build, true",
    "spec.**.build, spec.a.b.build, true",
    "**.legacy, legacy, true",
    "**.legacy, a.b.legacy, true",
    "**.legacy, a.b.legacy.c, false",
    "spec.**, spec, true",
    "**, a.b, true",
    "images[*].name, images[3].name, true",
    "images[0].name, images[3].name, true",
    "images.*.name, images[3].name, true",
    "images.name, images[3].name, false",
    "*.image, ~a.b~.image, true",
    "~a.b~.image, ~a.b~.image, true",
    "a.b.image, ~a.b~.image, false",
    "a?, ab, false"
  })
  void pattern_andPath(String pattern, String path, boolean expected) {
    SitePath site = path(path.replace('~', '"'));
    assertThat(SitePattern.of(pattern.replace('~', '"')).matches(site)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"image, true", "data.image, false"})
  void patterns_beginAtTheBlockThatTheSiteIsIn(String pattern, boolean expected) {
    SitePath site = SitePath.root("0:").key("data").inside(0).key("image");
    assertThat(SitePattern.of(pattern).matches(site)).isEqualTo(expected);
  }

  @Property(seed = "1")
  void everyPath_isMeantByItsOwnText(@ForAll("paths") List<String> keys) {
    SitePath path = path(keys);
    assertThat(SitePattern.of(path.text()).matches(path)).isTrue();
  }

  @Property(seed = "2")
  void aStar_standsForOnePart_twoForAnyNumber(
      @ForAll("paths") List<String> keys, @ForAll int from, @ForAll int to) {
    SitePath path = path(keys);
    int first = Math.floorMod(from, keys.size());
    int last = first + Math.floorMod(to, keys.size() - first);
    List<String> starred = new ArrayList<>(path.parts());
    starred.replaceAll(part -> part.equals(SitePath.ITEM) ? "[0]" : part);
    starred.set(first, "*");
    assertThat(SitePattern.of(String.join(".", starred)).matches(path)).isTrue();
    starred.subList(first, last + 1).clear();
    starred.add(first, "**");
    assertThat(SitePattern.of(String.join(".", starred)).matches(path)).isTrue();
    starred.set(first, "elsewhere");
    assertThat(SitePattern.of(String.join(".", starred)).matches(path)).isFalse();
  }

  @Property(seed = "3")
  void everyText_isAPattern(@ForAll String text, @ForAll("paths") List<String> keys) {
    SitePattern pattern = SitePattern.of(text);
    assertThat(pattern.toString()).isEqualTo(text);
    assertThat(pattern.matches(path(keys))).isIn(true, false);
  }

  /** Keys as they stand in YAML; a number is an item of a list. */
  @Provide
  Arbitrary<List<String>> paths() {
    Arbitrary<String> key =
        Arbitraries.strings().withChars("abz.-_/ 09").ofMinLength(1).ofMaxLength(6);
    return Arbitraries.oneOf(key, Arbitraries.integers().between(0, 99).map(i -> "#" + i))
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  private static SitePath path(List<String> keys) {
    SitePath path = SitePath.root("0:");
    for (String key : keys) {
      path =
          key.startsWith("#") ? path.item(Integer.parseInt(key.substring(1)), "") : path.key(key);
    }
    return path;
  }

  /** A path from its text, whose keys have no brackets. */
  private static SitePath path(String text) {
    SitePath path = SitePath.root("0:");
    for (String part : text.split("\\.(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)) {
      int bracket = part.indexOf('[');
      path = path.key((bracket < 0 ? part : part.substring(0, bracket)).replace("\"", ""));
      if (bracket >= 0) {
        path = path.item(Integer.parseInt(part.substring(bracket + 1, part.length() - 1)), "");
      }
    }
    return path;
  }
}
