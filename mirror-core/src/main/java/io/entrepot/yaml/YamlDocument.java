package io.entrepot.yaml;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.text.FilePosition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A configuration document, read strictly: one document, at most 3 MiB, nested at most 64 deep, no
 * tags, no doubled keys, aliases only as far as they keep the document small.
 *
 * <p>Reading goes on after a mistake, so that all of them can be reported together: take values
 * from {@link #root()}, then call {@link #finish()}. Not for use by several threads.
 */
public final class YamlDocument {

  /** The largest file that is read, in bytes. */
  public static final int MAX_BYTES = 3 * 1024 * 1024;

  /**
   * How much of a file is read.
   *
   * @param bytes at most
   * @param nodes scalars, lists and mappings, aliases followed
   */
  public record Limits(int bytes, int nodes) {

    /** What people write. */
    public static final Limits CONFIGURATION = new Limits(MAX_BYTES, 200_000);

    /** What programs write: a lock file with 100,000 images takes a third. */
    public static final Limits WRITTEN = new Limits(YamlScanner.MAX_STRICT_LENGTH, 6_000_000);
  }

  private final StrictReading reading;
  private final @Nullable SourceNode root;

  private YamlDocument(StrictReading reading, @Nullable SourceNode root) {
    this.reading = reading;
    this.root = root;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read, is no YAML or exceeds a limit
   */
  public static YamlDocument read(Path path) {
    return parse(path.toString(), text(path));
  }

  /**
   * The text of a file.
   *
   * @throws ConfigException if it cannot be read or exceeds a limit
   */
  public static String text(Path path) {
    return text(path, Limits.CONFIGURATION);
  }

  /** The same within other limits. */
  public static String text(Path path, Limits limits) {
    String file = path.toString();
    if (Files.isDirectory(path)) {
      throw unreadable(file, "is a directory", null);
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(limits.bytes() + 1);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "no such file", e);
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e.getMessage(), e);
    }
    if (bytes.length > limits.bytes()) {
      throw unreadable(file, "larger than %d bytes".formatted(limits.bytes()), null);
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(file, "not UTF-8", e);
    }
  }

  /**
   * Reads a text.
   *
   * @param file its name in messages
   * @throws ConfigException if it is no YAML or exceeds a limit
   */
  public static YamlDocument parse(String file, String text) {
    return parse(file, text, Limits.CONFIGURATION);
  }

  /** The same within other limits. */
  public static YamlDocument parse(String file, String text, Limits limits) {
    if (text.length() > limits.bytes()) {
      throw unreadable(file, "larger than %d bytes".formatted(limits.bytes()), null);
    }
    StrictReading reading = new StrictReading(file, limits.nodes());
    return new YamlDocument(reading, reading.scan(withoutByteOrderMark(text)));
  }

  /**
   * Replaces the text of every value, but of no key.
   *
   * @param replacement throws IllegalArgumentException where it cannot, which becomes a problem of
   *     that value
   */
  public YamlDocument replaceValues(UnaryOperator<String> replacement) {
    if (root != null) {
      reading.replace(root, "", replacement);
    }
    return this;
  }

  /** The whole document. */
  public YamlValue root() {
    return new YamlValue(reading, "", root);
  }

  /** The file's name in messages. */
  public String file() {
    return reading.file();
  }

  /** Notes a problem. */
  public void problem(int line, String property, String message) {
    reading.problem(line, property, message);
  }

  /** The line on which the first secret that was met is written out, if any is. */
  public OptionalInt secretLine() {
    return reading.secretLine();
  }

  /**
   * Ends the reading.
   *
   * @throws ConfigException with every problem that was found, if any was
   */
  public void finish() {
    reading.finish();
  }

  private static String withoutByteOrderMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static ConfigException unreadable(
      String file, String message, @Nullable Throwable cause) {
    return new ConfigException(new Problem(FilePosition.of(file), "", message), cause);
  }
}
