package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TagFileNameTest {

  @Provide
  Arbitrary<Tag> tags() {
    Arbitrary<String> first = Arbitraries.strings().alpha().numeric().withChars('_').ofLength(1);
    Arbitrary<String> rest =
        Arbitraries.strings().alpha().numeric().withChars("_.-").ofMaxLength(127);
    return Arbitraries.oneOf(
        first.flatMap(start -> rest.map(end -> new Tag(start + end))),
        Arbitraries.strings()
            .withCharRange('A', 'Z')
            .ofMinLength(120)
            .ofMaxLength(128)
            .map(Tag::new));
  }

  @Property
  void everyTag_comesBackFromItsFileName(@ForAll("tags") Tag tag) {
    assertThat(TagFileName.parse(TagFileName.of(tag))).isEqualTo(tag);
  }

  @Property
  void everyName_fitsAFileSystem_andHoldsNoSlash(@ForAll("tags") Tag tag) {
    assertThat(TagFileName.of(tag)).hasSizeLessThanOrEqualTo(255).doesNotContain("/");
  }

  @Property
  void namesDiffer_alsoWhereCaseIsIgnored(@ForAll("tags") Tag one, @ForAll("tags") Tag other) {
    String lower = TagFileName.of(one).toLowerCase(Locale.ROOT);
    assertThat(lower.equals(TagFileName.of(other).toLowerCase(Locale.ROOT)))
        .isEqualTo(one.equals(other));
  }

  @Property
  void twoSpellingsOfOneTag_areTwoFiles(@ForAll("tags") Tag tag) {
    Tag lower = new Tag(tag.value().toLowerCase(Locale.ROOT));
    assertThat(TagFileName.of(lower).equals(TagFileName.of(tag))).isEqualTo(lower.equals(tag));
  }

  @Example
  void filesThatNobodyWroteHere_areNoTags() {
    assertThatThrownBy(() -> TagFileName.parse(".swp")).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> TagFileName.parse("a b")).isInstanceOf(MalformedException.class);
  }
}
