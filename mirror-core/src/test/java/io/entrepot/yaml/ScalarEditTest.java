package io.entrepot.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** An edit of a scalar changes what that scalar means, and nothing else. */
final class ScalarEditTest {

  @Property(seed = "1")
  void writtenScalar_meansWhatWasWritten(
      @ForAll("texts") String before,
      @ForAll("written") String written,
      @ForAll DumperOptions.ScalarStyle style,
      @ForAll boolean flow) {
    Assume.that(style != DumperOptions.ScalarStyle.FOLDED);
    String text = document(before, style, flow);
    SourceMapping map = root(text);
    Optional<TextEdit> change = ((ScalarSite) map.entries().get(1).value()).write(written);
    Assume.that(change.isPresent());
    TextEdit edit = change.orElseThrow();
    String after = TextEdit.apply(text, List.of(edit));

    // What stands around a block's text stays.
    String is = values(after).get(1);
    assertThat(style == DumperOptions.ScalarStyle.LITERAL ? is.strip() : is).isEqualTo(written);
    assertThat(values(after).get(0)).isEqualTo("first");
    assertThat(values(after).get(2)).isEqualTo("last");
    assertThat(outside(after, edit.replacement().length(), edit.start()))
        .isEqualTo(outside(text, edit.end() - edit.start(), edit.start()));
  }

  @Property(seed = "2")
  void writtenPart_leavesTheRestOfTheValue(
      @ForAll("texts") String before, @ForAll int at, @ForAll int length) {
    String text = document(before, DumperOptions.ScalarStyle.DOUBLE_QUOTED, false);
    ScalarSite scalar = (ScalarSite) root(text).entries().get(1).value();
    int from = Math.floorMod(at, before.length());
    int to = from + 1 + Math.floorMod(length, before.length() - from);
    Optional<TextEdit> edit = scalar.writePart(from, to, "x/y:1");
    Assume.that(edit.isPresent());
    assertThat(values(TextEdit.apply(text, List.of(edit.orElseThrow()))).get(1))
        .isEqualTo(before.substring(0, from) + "x/y:1" + before.substring(to));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withChars("ab/:.@-_09 #'\"\\{}é")
        .ofMinLength(1)
        .ofMaxLength(30)
        .filter(text -> !text.isBlank());
  }

  /** References and numbers that YAML would take for something else, as they are written. */
  @Provide
  Arbitrary<String> written() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withChars("ab/:.@-_09").ofMinLength(1).ofMaxLength(30),
        Arbitraries.of("1.10", "0x1f", "yes", "null", "2026-01-01", "1:30", "1e3", "a:", "~"));
  }

  private static String document(String value, DumperOptions.ScalarStyle style, boolean flow) {
    DumperOptions options = new DumperOptions();
    options.setDefaultScalarStyle(style);
    options.setWidth(10_000);
    options.setDefaultFlowStyle(
        flow ? DumperOptions.FlowStyle.FLOW : DumperOptions.FlowStyle.BLOCK);
    Map<String, String> map = new LinkedHashMap<>();
    map.put("a", "first");
    map.put("b", value);
    map.put("c", "last");
    return new Yaml(options).dump(map);
  }

  private static SourceMapping root(String text) {
    return (SourceMapping) YamlScanner.scan(SourceText.of(text)).getFirst();
  }

  /** The values as another parser reads them. */
  private static List<String> values(String text) {
    Map<String, Object> map = new Yaml().load(text);
    return map.values().stream().map(String::valueOf).toList();
  }

  private static String outside(String text, int length, int at) {
    return text.substring(0, at) + text.substring(at + length);
  }
}
