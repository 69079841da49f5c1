package io.entrepot.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** As much TOML as clients write. */
final class TomlTest {

  @Test
  void tablesListsAndStrings_withTheirLines() {
    Toml toml =
        Toml.parse(
            """
            version = 2 # a comment
            list = [
              "a#b", # more
              'c\\d',
            ]
            [a."b.c".d]
              on = true
            [[e]]
            x.y = "z"
            """);
    assertThat(toml.unread()).isEmpty();
    assertThat(toml.tables().getFirst().text("version")).isEqualTo("2");
    assertThat(toml.tables().getFirst().values())
        .containsEntry("list", new Toml.Value(List.of("a#b", "c\\d"), 2));
    assertThat(toml.tables().get(1).path()).containsExactly("a", "b.c", "d");
    assertThat(toml.tables().get(1).isTrue("on")).isTrue();
    assertThat(toml.tables().get(1).line()).isEqualTo(6);
    assertThat(toml.tables().getLast().path()).isEqualTo(List.of("e", "x"));
    assertThat(toml.tables().getLast().text("y")).isEqualTo("z");
  }

  @Test
  void brokenLine_costsThatLine() {
    Toml toml = Toml.parse("a = 1\n[b\nc = \"\nd = 2\n");
    assertThat(toml.unread()).containsExactly(2, 3);
    assertThat(toml.tables().getFirst().text("d")).isEqualTo("2");
  }

  @Property
  void anyText_isReadToItsEnd(@ForAll @StringLength(max = 60) String text) {
    assertThat(Toml.parse(text).tables()).isNotEmpty();
    assertThat(Toml.parse("[".repeat(500) + text).tables()).isNotEmpty();
    assertThat(Toml.parse("a = " + "[".repeat(500) + text).tables()).isNotEmpty();
  }
}
