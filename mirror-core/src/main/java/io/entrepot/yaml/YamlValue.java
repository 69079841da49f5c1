package io.entrepot.yaml;

import io.entrepot.text.FilePosition;
import io.entrepot.text.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value of a document, with the way to it. Asked for what it is not, it notes a problem in the
 * document and gives nothing.
 */
public final class YamlValue {

  private final StrictReading reading;
  private final String path;
  private final @Nullable SourceNode node;

  /**
   * @param node null for an empty document, which is read as an empty mapping
   */
  YamlValue(StrictReading reading, String path, @Nullable SourceNode node) {
    this.reading = reading;
    this.path = path;
    this.node = node == null ? null : SourceMapping.resolved(node);
  }

  /** The line on which the value starts, from 1. */
  public int line() {
    return node == null ? 1 : node.line();
  }

  /** The column in which the value starts, from 1. */
  public int column() {
    return node == null ? 1 : node.column();
  }

  /** The way to the value, such as {@code images[3].source}; empty for the whole document. */
  public String path() {
    return path;
  }

  /** The line on which the value starts, in its file. */
  public FilePosition position() {
    return FilePosition.of(reading.file(), line());
  }

  /** {@code file:line}. */
  public String where() {
    return reading.file() + ":" + line();
  }

  /** Whether nothing is written here. */
  public boolean isNull() {
    return node instanceof ScalarSite scalar && isNull(scalar);
  }

  /** Whether this is neither a list nor a mapping. */
  public boolean isScalar() {
    return node instanceof ScalarSite;
  }

  /** Whether this is a mapping. */
  public boolean isMapping() {
    return node == null || node instanceof SourceMapping;
  }

  /** Whether this is a mapping with the key, whatever its value. */
  public boolean has(String key) {
    return node instanceof SourceMapping mapping && mapping.entry(key) != null;
  }

  /** Whether this is a list. */
  public boolean isSequence() {
    return node instanceof SourceSequence;
  }

  /** Notes a problem of this value. */
  public void problem(String message) {
    reading.problem(line(), path, message);
  }

  /**
   * Text. Numbers are taken as they are written ({@code 1.10} stays {@code 1.10}); nothing at all
   * and unquoted truth values are problems.
   */
  public Optional<String> text() {
    if (!(node instanceof ScalarSite scalar)) {
      return wrong("text");
    }
    if (isNull(scalar)) {
      problem("is empty");
      return Optional.empty();
    }
    return isBoolean(scalar) ? wrong("text, in quotes") : Optional.of(reading.text(scalar));
  }

  /**
   * Text that is a secret. The document notes where one is written out, and not named by a {@code
   * ${VARIABLE}}.
   */
  public Optional<String> secret() {
    if (node instanceof ScalarSite scalar
        && !reading.text(scalar).isEmpty()
        && !scalar.value().contains("${")) {
      reading.secret(line());
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
    return node instanceof ScalarSite scalar && isBoolean(scalar)
        ? Optional.of(Boolean.valueOf(reading.text(scalar)))
        : wrong("true or false");
  }

  /** A whole number between two bounds, both included. */
  public Optional<Integer> number(int least, int most) {
    if (node instanceof ScalarSite scalar
        && isPlain(scalar)
        && reading.text(scalar).matches("-?[0-9]{1,9}")) {
      int number = Integer.parseInt(reading.text(scalar));
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
    if (!(node instanceof SourceSequence sequence)) {
      wrong("a list");
      return List.of();
    }
    List<YamlValue> values = new ArrayList<>();
    for (SourceNode item : sequence.items()) {
      values.add(new YamlValue(reading, path + "[" + values.size() + "]", item));
    }
    return values;
  }

  /** Every key and value of a mapping whose keys are not known beforehand. */
  public void eachProperty(BiConsumer<YamlKey, YamlValue> action) {
    if (!isMapping()) {
      wrong("a mapping");
      return;
    }
    entries()
        .forEach(
            (name, entry) ->
                action.accept(
                    new YamlKey(reading, PropertyPath.join(path, name), name, entry.key().line()),
                    at(name, entry.value())));
  }

  /**
   * The properties of a mapping; others than the known ones are problems.
   *
   * @param known every key that may be there
   */
  public YamlProperties properties(String... known) {
    if (!isMapping()) {
      wrong("a mapping with " + String.join(", ", known));
      return new YamlProperties(this, Map.of(), false);
    }
    List<String> names = List.of(known);
    Map<String, SourceMapping.Entry> entries = entries();
    entries.forEach(
        (name, entry) -> {
          if (!names.contains(name)) {
            reading.problem(
                entry.key().line(), PropertyPath.join(path, name), Spelling.unknown(name, names));
          }
        });
    return new YamlProperties(this, entries, true);
  }

  /** The entries of a mapping, the first where a key is doubled. */
  private Map<String, SourceMapping.Entry> entries() {
    Map<String, SourceMapping.Entry> entries = new LinkedHashMap<>();
    if (node instanceof SourceMapping mapping) {
      mapping.entries().forEach(entry -> entries.putIfAbsent(entry.name(), entry));
    }
    return entries;
  }

  private YamlValue at(String key, SourceNode value) {
    return new YamlValue(reading, PropertyPath.join(path, key), value);
  }

  private static boolean isPlain(ScalarSite scalar) {
    return scalar.style() == ScalarSite.Style.PLAIN;
  }

  /** Whether nothing is there: an empty value, {@code ~} or {@code null}. */
  private boolean isNull(ScalarSite scalar) {
    return isPlain(scalar)
        && switch (reading.text(scalar)) {
          case "", "~", "null", "Null", "NULL" -> true;
          default -> false;
        };
  }

  /** Whether this is {@code true} or {@code false} without quotes. */
  private boolean isBoolean(ScalarSite scalar) {
    return isPlain(scalar)
        && switch (reading.text(scalar)) {
          case "true", "True", "TRUE", "false", "False", "FALSE" -> true;
          default -> false;
        };
  }

  private <T> Optional<T> wrong(String expected) {
    problem("expected %s, found %s".formatted(expected, found()));
    return Optional.empty();
  }

  private String found() {
    if (node instanceof ScalarSite scalar) {
      return isNull(scalar) ? "nothing" : isBoolean(scalar) ? "a truth value" : "other text";
    }
    return node instanceof SourceSequence ? "a list" : "a mapping";
  }

  /** The properties of one mapping. */
  public static final class YamlProperties {

    private final YamlValue owner;
    private final Map<String, SourceMapping.Entry> entries;
    private final boolean readable;

    private YamlProperties(
        YamlValue owner, Map<String, SourceMapping.Entry> entries, boolean readable) {
      this.owner = owner;
      this.entries = entries;
      this.readable = readable;
    }

    /** The mapping itself. */
    public YamlValue owner() {
      return owner;
    }

    /** Whether the key is there, whatever its value. */
    public boolean has(String key) {
      return entries.containsKey(key);
    }

    /** A property that may be missing. */
    public Optional<YamlValue> find(String key) {
      return Optional.ofNullable(entries.get(key)).map(entry -> owner.at(key, entry.value()));
    }

    /** A property that must be there; its absence is a problem. */
    public Optional<YamlValue> require(String key) {
      Optional<YamlValue> found = find(key);
      if (found.isEmpty() && readable) {
        owner.reading.problem(owner.line(), PropertyPath.join(owner.path, key), "is missing");
      }
      return found;
    }
  }
}
