package io.entrepot.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class YamlScannerTest {

  private static ScalarSite scalar(String text, String... path) {
    SourceNode node = YamlScanner.scan(SourceText.of(text)).getFirst();
    for (String key : path) {
      node =
          node instanceof SourceSequence list
              ? list.items().get(Integer.parseInt(key))
              : Objects.requireNonNull(((SourceMapping) node).get(key));
    }
    return (ScalarSite) node;
  }

  private static String rewritten(String text, String value, String... path) {
    return TextEdit.apply(text, List.of(scalar(text, path).write(value).orElseThrow()));
  }

  @Test
  void write_keepsQuotesCommentsAndSpaces() {
    assertThat(rewritten("a:  \"x\"   # c\nb: 'y'\n", "z", "a"))
        .isEqualTo("a:  \"z\"   # c\nb: 'y'\n");
    assertThat(rewritten("b: 'y' # it's\n", "z", "b")).isEqualTo("b: 'z' # it's\n");
    assertThat(rewritten("{a: x, b: [w, z]}", "v", "b", "1")).isEqualTo("{a: x, b: [w, v]}");
  }

  @Test
  void write_quotesAPlainScalarThatWouldStopBeingAString() {
    assertThat(rewritten("tag: v1\n", "1.10", "tag")).isEqualTo("tag: \"1.10\"\n");
    assertThat(rewritten("tag: v1\n", "true", "tag")).isEqualTo("tag: \"true\"\n");
    assertThat(rewritten("tag: 8.8\n", "8.8@sha256:ab", "tag")).isEqualTo("tag: 8.8@sha256:ab\n");
    assertThat(rewritten("{tag: v1}", "a, b", "tag")).isEqualTo("{tag: \"a, b\"}");
  }

  @Test
  void write_fillsAnAbsentValue() {
    assertThat(rewritten("digest:\ntag: x\n", "v", "digest")).isEqualTo("digest: v\ntag: x\n");
    assertThat(rewritten("digest:   # none\n", "v", "digest")).isEqualTo("digest: v   # none\n");
    assertThat(rewritten("digest: \"\"\n", "v", "digest")).isEqualTo("digest: \"v\"\n");
    assertThat(rewritten("digest: ~\n", "v", "digest")).isEqualTo("digest: v\n");
    assertThat(rewritten("{digest: , tag: x}", "v", "digest")).isEqualTo("{digest: v , tag: x}");
  }

  @Test
  void carriageReturnsBomTabsAndMissingLastNewline_areKept() {
    assertThat(rewritten("\uFEFFa: x\r\nb: y\r\n", "z", "a")).isEqualTo("\uFEFFa: z\r\nb: y\r\n");
    assertThat(rewritten("a: x\r\nb: y", "z", "b")).isEqualTo("a: x\r\nb: z");
    assertThat(rewritten("a:\tx\t# c\nb: y\t\n", "z", "a")).isEqualTo("a:\tz\t# c\nb: y\t\n");
  }

  @Test
  void anchorsAndTags_areNoPartOfTheScalar() {
    assertThat(rewritten("a: &x !!str v1\nb: *x\n", "v2", "a"))
        .isEqualTo("a: &x !!str v2\nb: *x\n");
    assertThat(scalar("a: &x v1\nb: *x\n", "b").value()).isEqualTo("v1");
  }

  @Test
  void charactersOutsideTheBasicPlane_doNotShiftOffsets() {
    assertThat(rewritten("# 🐳🐳\nn: \"🐳\"\na: x # 🐳\n", "z", "a"))
        .isEqualTo("# 🐳🐳\nn: \"🐳\"\na: z # 🐳\n");
  }

  @Test
  void blockScalarsContent_mapsBackToTheFile() {
    String text = "a:\n  v: |\n    image: x\n\n    in: |-\n      deep: y\n  b: 1\n";
    ScalarSite block = scalar(text, "a", "v");
    SourceText inner = block.content();
    assertThat(inner.text()).isEqualTo("image: x\n\nin: |-\n  deep: y\n");
    SourceMapping root = (SourceMapping) YamlScanner.scan(inner).getFirst();
    ScalarSite in = (ScalarSite) Objects.requireNonNull(root.get("in"));
    SourceMapping deepest = (SourceMapping) YamlScanner.scan(in.content()).getFirst();
    ScalarSite deep = (ScalarSite) Objects.requireNonNull(deepest.get("deep"));
    assertThat(deep.line()).isEqualTo(6);
    assertThat(TextEdit.apply(text, List.of(deep.write("z").orElseThrow())))
        .isEqualTo(text.replace("deep: y", "deep: z"));
  }

  @Test
  void writePart_editsOneLineOfABlock() {
    String text = "v: |\r\n    a=x:1\r\n    b=y:1\r\n";
    ScalarSite block = scalar(text, "v");
    int at = block.value().indexOf("y:1");
    assertThat(TextEdit.apply(text, List.of(block.writePart(at, at + 3, "z:2").orElseThrow())))
        .isEqualTo("v: |\r\n    a=x:1\r\n    b=z:2\r\n");
  }

  @Test
  void writePart_refusesWhereEscapesHideTheText() {
    ScalarSite escaped = scalar("v: \"a\\tb=x:1\"\n", "v");
    assertThat(escaped.writePart(2, 5, "z")).isEmpty();
  }

  @Test
  void severalDocuments_areAllRead() {
    assertThat(YamlScanner.scan(SourceText.of("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n")))
        .hasSize(3);
  }

  @Test
  void doubledKey_isFoundWithItsLine() {
    SourceNode root = YamlScanner.scan(SourceText.of("a: 1\nb:\n  c: 1\n  c: 2\n")).getFirst();
    assertThat(YamlScanner.doubledKey(root).map(ScalarSite::line)).contains(4);
  }

  @Test
  void notYaml_namesTheLine() {
    assertThatThrownBy(() -> YamlScanner.scan(SourceText.of("a: 1\nb: [1\nc: 2\n")))
        .isInstanceOfSatisfying(
            UnreadableYamlException.class, e -> assertThat(e.line()).isEqualTo(3));
  }

  @Test
  void notUtf8_isRefused() {
    byte[] bytes = "a: 1\nb: \u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> SourceText.decode(bytes))
        .isInstanceOfSatisfying(
            UnreadableYamlException.class, e -> assertThat(e.line()).isEqualTo(2));
  }

  static List<String> hostile() {
    List<String> texts = new ArrayList<>();
    texts.add("[".repeat(200_000));
    texts.add("{a: ".repeat(100_000));
    texts.add("- ".repeat(100_000));
    texts.add("? ".repeat(100_000));
    texts.add("a: &a [x]\nb: [" + "*a,".repeat(20_000) + "]\n");
    texts.add("a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[\n");
    texts.add("\"" + "\\u0041".repeat(10_000));
    texts.add("a: 1\u0000\n");
    texts.add("%YAML 9.9\n---\na: 1\n");
    texts.add("a: *unknown\nb: [");
    texts.add("&a ".repeat(50_000) + "x");
    texts.add("'" + "x".repeat(500_000));
    return texts;
  }

  @ParameterizedTest
  @MethodSource("hostile")
  @Timeout(10)
  void hostileText_endsInACleanError(String text) {
    assertThatThrownBy(() -> YamlScanner.scan(SourceText.of(text)))
        .isInstanceOf(UnreadableYamlException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# only a comment\n", "---\n", "plain", "\uFEFF", "- \n"})
  void oddButValidText_isRead(String text) {
    assertThat(YamlScanner.scan(SourceText.of(text))).hasSizeLessThan(2);
  }

  @Test
  void recursiveAlias_isNoEndlessLoop() {
    SourceMapping root =
        (SourceMapping) YamlScanner.scan(SourceText.of("a: &a\n  b: *a\n")).getFirst();
    SourceMapping inner = (SourceMapping) Objects.requireNonNull(root.get("a"));
    assertThat(inner.get("b")).isInstanceOf(SourceAlias.class);
  }

  @Test
  void overlappingEdits_areRefused() {
    assertThatThrownBy(
            () -> TextEdit.apply("abc", List.of(new TextEdit(0, 2, "x"), new TextEdit(1, 3, "y"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void characterOutsideTheBasicPlane_isReadWhereverItStands() {
    // The parser reads 1025 units at a time.
    for (int before = 0; before < 2_100; before++) {
      String text = "a: b # " + "x".repeat(before) + "\uD83D\uDE80 \uD83D\uDE80\nimage: x\n";
      assertThat(scalar(text, "image").raw()).isEqualTo("x");
    }
  }

  @Test
  void partOfABlock_isFoundWhateverEndsItsLines() {
    for (String end : List.of("\n", "\r\n", "\r")) {
      String text = String.join(end, "a: |", "", "  x=1", "", "  y=2", "b: c", "");
      ScalarSite block = scalar(text, "a");
      int from = block.value().indexOf('2');
      TextEdit edit = block.writePart(from, from + 1, "3").orElseThrow();
      assertThat(TextEdit.apply(text, List.of(edit))).isEqualTo(text.replace("y=2", "y=3"));
      assertThat(block.lineOf(from)).isEqualTo(5);
    }
  }
}
