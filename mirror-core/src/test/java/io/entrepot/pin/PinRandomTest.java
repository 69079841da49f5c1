package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.TextEdit;
import io.entrepot.yaml.YamlScanner;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;

/** Random documents, written by another library; the repetition is the seed. */
final class PinRandomTest {

  private static final String[] IMAGES = {"acme/app:1.2", "redis:7", "quay.io/x/y:v3", "busybox:1"};
  private static final Map<String, String> LOCK = new LinkedHashMap<>();

  static {
    LOCK.put("docker.io/acme/app:1.2", Locks.MIRROR + "/app:1.2");
    LOCK.put("docker.io/library/redis:7", Locks.MIRROR + "/redis:7");
    LOCK.put("quay.io/x/y:v3", Locks.MIRROR + "/y:v3");
    LOCK.put("docker.io/library/busybox:1", Locks.MIRROR + "/busybox:1");
  }

  @RepeatedTest(200)
  void everyScalar_isWhereTheScannerSays(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String text = document(random);
    for (ScalarSite scalar : scalars(text)) {
      if (scalar.style() == ScalarSite.Style.PLAIN && !scalar.value().contains("\n")) {
        assertThat(scalar.raw().replaceAll("\\s+", " ")).isEqualTo(scalar.value());
      }
    }
    assertThat(scalars(text).stream().map(ScalarSite::value))
        .containsExactlyElementsOf(other(text));
  }

  @RepeatedTest(200)
  void oneEdit_changesOneScalar(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String text = document(random);
    List<ScalarSite> scalars = scalars(text);
    int chosen = random.nextInt(scalars.size());
    String value = random.nextBoolean() ? "1.10" : "re:g/x@" + random.nextInt();
    List<TextEdit> edit = scalars.get(chosen).write(value).stream().toList();
    if (edit.isEmpty()) {
      return;
    }
    String after = TextEdit.apply(text, edit);
    List<String> expected = new ArrayList<>(other(text));
    String old = expected.get(chosen);
    String tail = old.endsWith("\n") ? "\n" : "";
    expected.set(chosen, value + (isBlock(scalars.get(chosen)) ? tail : ""));
    assertThat(other(after)).isEqualTo(expected);
  }

  @RepeatedTest(200)
  void pinning_changesImagesOnly_andOnlyOnce(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String text = document(random);
    Pinning pinned = Pinning.of(text, LOCK);
    List<String> before = other(text);
    List<String> after = other(pinned.text());
    assertThat(after).hasSameSizeAs(before);
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        assertThat(after.get(i)).contains("@sha256:");
        assertThat(List.of(IMAGES)).anyMatch(before.get(i)::contains);
      }
    }
    assertThat(Pinning.of(pinned.text(), LOCK).edits()).isEmpty();
  }

  private static boolean isBlock(ScalarSite scalar) {
    return scalar.style() == ScalarSite.Style.LITERAL || scalar.style() == ScalarSite.Style.FOLDED;
  }

  private static String document(Random random) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(one(random, DumperOptions.FlowStyle.values()));
    options.setDefaultScalarStyle(one(random, DumperOptions.ScalarStyle.values()));
    options.setIndent(2 + 2 * random.nextInt(2));
    options.setWidth(random.nextBoolean() ? 4096 : 60);
    options.setExplicitStart(random.nextBoolean());
    options.setLineBreak(
        random.nextBoolean() ? DumperOptions.LineBreak.WIN : DumperOptions.LineBreak.UNIX);
    String text = new Yaml(options).dump(map(random, 0));
    return (random.nextInt(4) == 0 ? "\uFEFF" : "")
        + (random.nextBoolean() ? text.stripTrailing() : text);
  }

  private static Map<String, Object> map(Random random, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("first", word(random));
    int size = 1 + random.nextInt(5);
    for (int i = 0; i < size; i++) {
      switch (random.nextInt(depth > 4 ? 3 : 6)) {
        case 0 -> map.put("image", IMAGES[random.nextInt(IMAGES.length)]);
        case 1 -> map.put("key" + i, word(random));
        case 2 -> map.put("n" + i, random.nextInt());
        case 3 -> map.put("map" + i, map(random, depth + 1));
        case 4 -> map.put("containers", List.of(map(random, depth + 1), map(random, depth + 1)));
        default -> map.put("text" + i, "a: " + word(random) + "\nb: 1\n");
      }
    }
    return map;
  }

  private static <T> T one(Random random, T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private static String word(Random random) {
    String[] words = {
      "",
      "plain",
      "two words",
      "it's",
      "say \"x\"",
      "# no comment",
      "a: b",
      "🐳 whale",
      "true",
      "1.10",
      "- item",
      "{x}",
      "*star",
      "&and",
      "tab\there",
      " padded ",
      "ümlaut",
      "image",
      "null",
      "@at",
      "%p"
    };
    return words[random.nextInt(words.length)];
  }

  private static List<ScalarSite> scalars(String text) {
    List<ScalarSite> found = new ArrayList<>();
    YamlScanner.scan(SourceText.of(text)).forEach(node -> collect(node, found));
    return found;
  }

  private static void collect(SourceNode node, List<ScalarSite> found) {
    switch (node) {
      case ScalarSite scalar -> found.add(scalar);
      case SourceSequence sequence -> sequence.items().forEach(item -> collect(item, found));
      case SourceMapping mapping ->
          mapping
              .entries()
              .forEach(
                  entry -> {
                    collect(entry.key(), found);
                    collect(entry.value(), found);
                  });
      case SourceAlias _ -> {}
    }
  }

  private static List<String> other(String text) {
    List<String> found = new ArrayList<>();
    String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
    for (Event event : new Yaml(new LoaderOptions()).parse(new StringReader(body))) {
      if (event instanceof ScalarEvent scalar) {
        found.add(scalar.getValue());
      }
    }
    return found;
  }
}
