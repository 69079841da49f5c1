package io.entrepot.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlDocumentTest {

  @Test
  void everyValue_hasItsPlace() {
    YamlValue root =
        YamlDocument.parse("a.yaml", "# comment\nlist:\n  - one\n  - { key: two }\n").root();
    YamlValue list = root.properties("list").find("list").orElseThrow();
    YamlValue second = list.items().get(1).properties("key").find("key").orElseThrow();

    assertThat(second.path()).isEqualTo("list[1].key");
    assertThat(second.line()).isEqualTo(4);
    assertThat(second.column()).isEqualTo(12);
    assertThat(second.where()).isEqualTo("a.yaml:4");
    assertThat(second.text()).contains("two");
  }

  @Test
  void characterOutsideTheBasicPlane_isReadWhereverItStands() {
    for (int before = 1_000; before < 1_040; before++) {
      String text = "a: b # " + "x".repeat(before) + "\uD83D\uDE80\nc: d\n";
      assertThat(YamlDocument.parse("a.yaml", text).root().properties("a", "c").find("c"))
          .isPresent();
    }
  }

  @Test
  void numbersAsText_keepTheirSpelling() {
    YamlValue root = YamlDocument.parse("a.yaml", "[1.10, 0x1F, 1_000, 12]").root();
    assertThat(root.items().stream().map(item -> item.text().orElseThrow()))
        .containsExactly("1.10", "0x1F", "1_000", "12");
  }

  @ParameterizedTest
  @CsvSource({
    "soruce, did you mean 'source'?",
    "Source, did you mean 'source'?",
    "plattforms, did you mean 'platforms'?",
    "colour, 'known are source, platforms'",
  })
  void unknownKey_namesWhatWasMeant(String key, String expected) {
    YamlDocument document = YamlDocument.parse("a.yaml", "\n" + key + ": x\n");
    document.root().properties("source", "platforms");
    assertThatThrownBy(document::finish)
        .hasMessage("a.yaml:2: " + key + ": unknown property; " + expected);
  }

  @Test
  void severalMistakes_areReportedTogetherInOrder() {
    YamlDocument document = YamlDocument.parse("a.yaml", "b: [x]\nn: many\nn: 3\nt: true\nz: 1\n");
    YamlProperties root = document.root().properties("b", "n", "t", "missing");
    root.find("b").ifPresent(YamlValue::flag);
    root.find("n").ifPresent(value -> value.number(1, 5));
    root.find("t").ifPresent(YamlValue::text);
    root.require("missing");

    assertThatThrownBy(document::finish)
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.problems().stream().map(Problem::toString))
                  .containsExactly(
                      "a.yaml:1: b: expected true or false, found a list",
                      "a.yaml:1: missing: is missing",
                      "a.yaml:2: n: expected a whole number from 1 to 5, found other text",
                      "a.yaml:3: n: given twice; first in line 2",
                      "a.yaml:4: t: expected text, in quotes, found a truth value",
                      "a.yaml:5: z: unknown property; known are b, n, t, missing");
              assertThat(e.file()).isEqualTo("a.yaml");
              assertThat(e.line()).isEqualTo(1);
              assertThat(e.property()).isEqualTo("b");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [1, 2         | 2 | not YAML",
        "a: !!java.net.URL [x] | 1 | a tag",
        "a: *nothing      | 1 | unknown alias '*nothing'",
        "a: &x [*x]       | 1 | unknown alias '*x'",
        "a: 1\\n---\\nb: 2 | 2 | a second document",
        "? [a]\\n: b      | 1 | a key that is not plain text",
        "a: 1\\n\\tb: 2   | 2 | not YAML",
      })
  void unusableText_isRefusedWithItsLine(String text, int line, String message) {
    String yaml = text.replace("\\n", "\n").replace("\\t", "\t") + "\n";
    assertThatThrownBy(() -> YamlDocument.parse("a.yaml", yaml))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessageContaining(message);
  }

  @Test
  void deepNesting_isRefusedBeforeItHurts() {
    for (String opening : List.of("[", "{a: ", "- ")) {
      assertThatThrownBy(() -> YamlDocument.parse("a.yaml", opening.repeat(100_000)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("nested deeper than 64");
    }
  }

  @Test
  void aliasesThatMultiply_areRefused() {
    List<String> lines = new ArrayList<>(List.of("a0: &a0 [x, x, x, x, x, x, x, x, x, x]"));
    for (int i = 1; i < 10; i++) {
      String former = "*a" + (i - 1);
      lines.add(
          "a%d: &a%d [%s]".formatted(i, i, String.join(", ", Collections.nCopies(10, former))));
    }
    assertThatThrownBy(() -> YamlDocument.parse("a.yaml", String.join("\n", lines)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("aliases followed");
  }

  @Test
  void alias_isTheValueItNames() {
    YamlValue root = YamlDocument.parse("a.yaml", "a: &x [1, 2]\nb: *x\n").root();
    assertThat(root.properties("a", "b").find("b").orElseThrow().items()).hasSize(2);
  }

  @Test
  void files_thatCannotBeRead_saySo(@TempDir Path directory) throws Exception {
    Path large = directory.resolve("large.yaml");
    Files.write(large, new byte[YamlDocument.MAX_BYTES + 1]);
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, "a: é".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> YamlDocument.read(directory.resolve("none.yaml")))
        .hasMessage(directory.resolve("none.yaml") + ": no such file");
    assertThatThrownBy(() -> YamlDocument.read(directory))
        .hasMessage(directory + ": is a directory");
    assertThatThrownBy(() -> YamlDocument.read(large)).hasMessageContaining("larger than 3145728");
    assertThatThrownBy(() -> YamlDocument.read(latin)).hasMessageContaining("not UTF-8");
    assertThatThrownBy(() -> YamlDocument.read(Path.of("/dev/zero")))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void byteOrderMarkAndWindowsLines_areTaken() {
    YamlValue root = YamlDocument.parse("a.yaml", "\uFEFFa: 1\r\nb: 2\r\n").root();
    assertThat(root.properties("a", "b").find("b").orElseThrow().line()).isEqualTo(2);
  }
}
