package io.entrepot.yaml;

import java.util.Optional;
import java.util.function.Function;

/** A key of a mapping whose keys are not known beforehand. */
public final class YamlKey {

  private final StrictReading reading;
  private final String path;
  private final String text;
  private final int line;

  YamlKey(StrictReading reading, String path, String text, int line) {
    this.reading = reading;
    this.path = path;
    this.text = text;
    this.line = line;
  }

  /** The key. */
  public String text() {
    return text;
  }

  /** The key's line, from 1. */
  public int line() {
    return line;
  }

  /** Notes a problem of the key. */
  public void problem(String message) {
    reading.problem(line, path, message);
  }

  /**
   * The key, parsed.
   *
   * @param parser throws IllegalArgumentException for text it does not understand
   */
  public <T> Optional<T> parsed(Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
