package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Tag;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TagSelectorTest {

  private static final List<Tag> TAGS =
      Stream.of(
              "latest",
              "v1.2.3",
              "v1.10.0",
              "v1.9.0",
              "1.11.0",
              "v2.0.0-rc.1",
              "sha256-" + "a".repeat(64) + ".sig",
              "sha256-" + "b".repeat(64))
          .map(Tag::new)
          .toList();

  private static List<String> select(TagFilter filter) {
    return TagSelector.select(TAGS, filter).stream().map(Tag::value).toList();
  }

  @Test
  void versions_comeHighestFirst_asNumbersAndNotAsText() {
    assertThat(select(new TagFilter(SemverRange.parse("^1"), Pattern.compile("^v"), 0)))
        .containsExactly("v1.10.0", "v1.9.0", "v1.2.3");
  }

  @Test
  void newest_isCountedAfterTheFilters() {
    assertThat(select(new TagFilter(SemverRange.parse("^1"), Pattern.compile("^v"), 1)))
        .containsExactly("v1.10.0");
  }

  @Test
  void attachments_areNeverSelected() {
    assertThat(select(new TagFilter(null, null, 0)))
        .containsExactly("v2.0.0-rc.1", "1.11.0", "v1.10.0", "v1.9.0", "v1.2.3", "latest");
  }

  @Test
  void nothing_namesFilterNumberAndNearestTags() {
    assertThat(TagSelector.nothing(TAGS, new TagFilter(null, Pattern.compile("^v3"), 0)))
        .contains("match \"^v3\" matches none of 6 tags")
        .contains("nearest: v");
  }

  @Test
  void nothing_ofAnEmptyRepository_namesNoTags() {
    assertThat(TagSelector.nothing(List.of(), new TagFilter(null, null, 0)))
        .isEqualTo("any tag matches none of 0 tags");
  }

  @Test
  void nothing_saysThatSuffixesArePreReleases_andHowToTakeThem() {
    List<Tag> flavours =
        Stream.of("7.2.0-alpine", "7.4.1", "7.4.1-alpine", "6.2.1-alpine").map(Tag::new).toList();
    Pattern alpine = Pattern.compile("-alpine$");
    assertThat(TagSelector.nothing(flavours, new TagFilter(SemverRange.parse(">=7"), alpine, 0)))
        .contains("2 in the range count as pre-releases")
        .contains("-0");
    assertThat(TagSelector.select(flavours, new TagFilter(SemverRange.parse(">=7-0"), alpine, 0)))
        .extracting(Tag::value)
        .containsExactly("7.4.1-alpine", "7.2.0-alpine");
    assertThat(TagSelector.nothing(flavours, new TagFilter(SemverRange.parse(">=9"), alpine, 0)))
        .doesNotContain("pre-release");
  }
}
