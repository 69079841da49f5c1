package io.entrepot.yaml;

import io.entrepot.text.FilePosition;
import io.entrepot.text.Spelling;
import io.entrepot.yaml.YamlNode.Mapping;
import io.entrepot.yaml.YamlNode.Scalar;
import io.entrepot.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A value of a document, with the way to it. Asked for what it is not, it notes a problem in the
 * document and gives nothing.
 */
public final class YamlValue {

  private final YamlDocument document;
  private final String path;
  private final YamlNode node;

  YamlValue(YamlDocument document, String path, YamlNode node) {
    this.document = document;
    this.path = path;
    this.node = node;
  }

  /** The line on which the value starts, from 1. */
  public int line() {
    return node.line();
  }

  /** The column in which the value starts, from 1. */
  public int column() {
    return node.column();
  }

  /** The way to the value, such as {@code images[3].source}; empty for the whole document. */
  public String path() {
    return path;
  }

  /** The line on which the value starts, in its file. */
  public FilePosition position() {
    return FilePosition.of(document.file(), line());
  }

  /** {@code file:line}. */
  public String where() {
    return document.file() + ":" + line();
  }

  /** Whether nothing is written here. */
  public boolean isNull() {
    return node instanceof Scalar scalar && scalar.isNull();
  }

  /** Whether this is neither a list nor a mapping. */
  public boolean isScalar() {
    return node instanceof Scalar;
  }

  /** Whether this is a mapping. */
  public boolean isMapping() {
    return node instanceof Mapping;
  }

  /** Whether this is a mapping with the key, whatever its value. */
  public boolean has(String key) {
    return node instanceof Mapping mapping && mapping.properties().containsKey(key);
  }

  /** Whether this is a list. */
  public boolean isSequence() {
    return node instanceof Sequence;
  }

  /** Notes a problem of this value. */
  public void problem(String message) {
    document.problem(line(), path, message);
  }

  /**
   * Text. Numbers are taken as they are written ({@code 1.10} stays {@code 1.10}); nothing at all
   * and unquoted truth values are problems.
   */
  public Optional<String> text() {
    if (!(node instanceof Scalar scalar)) {
      return wrong("text");
    }
    if (scalar.isNull()) {
      problem("is empty");
      return Optional.empty();
    }
    return scalar.isBoolean() ? wrong("text, in quotes") : Optional.of(scalar.text());
  }

  /**
   * Text that is a secret. The document notes where one is written out, and not named by a {@code
   * ${VARIABLE}}.
   */
  public Optional<String> secret() {
    if (node instanceof Scalar scalar
        && !scalar.text().isEmpty()
        && !scalar.written().contains("${")) {
      document.secret(line());
    }
    return text();
  }

  /**
   * Text that is parsed.
   *
   * @param parser throws IllegalArgumentException for text it does not understand
   */
  public <T> Optional<T> parsed(Function<String, T> parser) {
    return text()
        .flatMap(
            text -> {
              try {
                return Optional.of(parser.apply(text));
              } catch (IllegalArgumentException e) {
                problem(String.valueOf(e.getMessage()));
                return Optional.empty();
              }
            });
  }

  /** {@code true} or {@code false}. */
  public Optional<Boolean> flag() {
    return node instanceof Scalar scalar && scalar.isBoolean()
        ? Optional.of(Boolean.valueOf(scalar.text()))
        : wrong("true or false");
  }

  /** A whole number between two bounds, both included. */
  public Optional<Integer> number(int least, int most) {
    if (node instanceof Scalar scalar && scalar.plain() && scalar.text().matches("-?[0-9]{1,9}")) {
      int number = Integer.parseInt(scalar.text());
      if (number >= least && number <= most) {
        return Optional.of(number);
      }
    }
    return wrong(
        most == Integer.MAX_VALUE
            ? "a whole number, %d or more".formatted(least)
            : "a whole number from %d to %d".formatted(least, most));
  }

  /** The items of a list. */
  public List<YamlValue> items() {
    if (!(node instanceof Sequence sequence)) {
      wrong("a list");
      return List.of();
    }
    List<YamlValue> values = new ArrayList<>();
    for (YamlNode item : sequence.items()) {
      values.add(new YamlValue(document, path + "[" + values.size() + "]", item));
    }
    return values;
  }

  /** Every key and value of a mapping whose keys are not known beforehand. */
  public void eachProperty(BiConsumer<YamlKey, YamlValue> action) {
    if (!(node instanceof Mapping mapping)) {
      wrong("a mapping");
      return;
    }
    mapping
        .properties()
        .forEach(
            (key, property) ->
                action.accept(
                    new YamlKey(document, path, key, property.line()), at(key, property.value())));
  }

  /**
   * The properties of a mapping; others than the known ones are problems.
   *
   * @param known every key that may be there
   */
  public YamlProperties properties(String... known) {
    if (!(node instanceof Mapping mapping)) {
      wrong("a mapping with " + String.join(", ", known));
      return new YamlProperties(this, Map.of(), false);
    }
    List<String> names = List.of(known);
    mapping
        .properties()
        .forEach(
            (key, property) -> {
              if (!names.contains(key)) {
                document.problem(property.line(), join(path, key), Spelling.unknown(key, names));
              }
            });
    return new YamlProperties(this, mapping.properties(), true);
  }

  YamlValue at(String key, YamlNode value) {
    return new YamlValue(document, join(path, key), value);
  }

  void missing(String key, String what) {
    document.problem(line(), join(path, key), what);
  }

  static String join(String path, String key) {
    String part = key.matches("[A-Za-z0-9_-]+") ? "." + key : "['" + key + "']";
    return path.isEmpty() && part.startsWith(".") ? key : path + part;
  }

  private <T> Optional<T> wrong(String expected) {
    String found =
        switch (node) {
          case Scalar scalar when scalar.isNull() -> "nothing";
          case Scalar scalar when scalar.isBoolean() -> "a truth value";
          case Scalar _ -> "other text";
          case Sequence _ -> "a list";
          case Mapping _ -> "a mapping";
        };
    problem("expected %s, found %s".formatted(expected, found));
    return Optional.empty();
  }
}
