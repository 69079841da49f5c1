package io.entrepot.yaml;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final String file;
  private final List<Problem> problems;
  private final YamlNode root;
  private int secretLine;

  private YamlDocument(String file, YamlNode root, List<Problem> problems) {
    this.file = file;
    this.root = root;
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read, is no YAML or exceeds a limit
   */
  public static YamlDocument read(Path path) {
    String file = path.toString();
    if (Files.isDirectory(path)) {
      throw unreadable(file, "is a directory", null);
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "no such file", e);
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e.getMessage(), e);
    }
    if (bytes.length > MAX_BYTES) {
      throw unreadable(file, "larger than %d bytes".formatted(MAX_BYTES), null);
    }
    try {
      return parse(file, UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
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
    if (text.length() > MAX_BYTES) {
      throw unreadable(file, "larger than %d bytes".formatted(MAX_BYTES), null);
    }
    List<Problem> problems = new ArrayList<>();
    YamlNode root = YamlTree.build(file, withoutByteOrderMark(text), problems);
    return new YamlDocument(
        file, root == null ? new YamlNode.Mapping(Map.of(), 1, 1) : root, problems);
  }

  /**
   * Replaces the text of every value, but of no key.
   *
   * @param replacement throws IllegalArgumentException where it cannot, which becomes a problem of
   *     that value
   */
  public YamlDocument replaceValues(UnaryOperator<String> replacement) {
    return new YamlDocument(file, replace(root, "", replacement), problems);
  }

  /** The whole document. */
  public YamlValue root() {
    return new YamlValue(this, "", root);
  }

  /** The file's name in messages. */
  public String file() {
    return file;
  }

  /** Notes a problem. */
  public void problem(int line, String property, String message) {
    problems.add(new Problem(file, line, property, message));
  }

  /** Notes that a secret is written out here. */
  void secret(int line) {
    secretLine = secretLine == 0 ? line : secretLine;
  }

  /** The line on which the first secret that was met is written out, if any is. */
  public OptionalInt secretLine() {
    return secretLine == 0 ? OptionalInt.empty() : OptionalInt.of(secretLine);
  }

  /**
   * Ends the reading.
   *
   * @throws ConfigException with every problem that was found, if any was
   */
  public void finish() {
    if (!problems.isEmpty()) {
      throw new ConfigException(
          problems.stream().sorted(Comparator.comparingInt(Problem::line)).distinct().toList());
    }
  }

  // Not a switch over types: that is linked at run time, and every start would wait for it.
  private YamlNode replace(YamlNode node, String path, UnaryOperator<String> replacement) {
    if (node instanceof YamlNode.Scalar scalar) {
      return replace(scalar, path, replacement);
    }
    if (node instanceof YamlNode.Sequence sequence) {
      List<YamlNode> items = new ArrayList<>();
      for (YamlNode item : sequence.items()) {
        items.add(replace(item, path + "[" + items.size() + "]", replacement));
      }
      return new YamlNode.Sequence(items, sequence.line(), sequence.column());
    }
    YamlNode.Mapping mapping = (YamlNode.Mapping) node;
    Map<String, YamlNode.Property> properties = new LinkedHashMap<>();
    mapping
        .properties()
        .forEach(
            (key, property) ->
                properties.put(
                    key,
                    new YamlNode.Property(
                        replace(property.value(), YamlValue.join(path, key), replacement),
                        property.line(),
                        property.column())));
    return new YamlNode.Mapping(properties, mapping.line(), mapping.column());
  }

  private YamlNode.Scalar replace(
      YamlNode.Scalar scalar, String path, UnaryOperator<String> replacement) {
    try {
      return new YamlNode.Scalar(
          replacement.apply(scalar.text()),
          scalar.written(),
          scalar.plain(),
          scalar.line(),
          scalar.column());
    } catch (IllegalArgumentException e) {
      problem(scalar.line(), path, String.valueOf(e.getMessage()));
      return scalar;
    }
  }

  private static String withoutByteOrderMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static ConfigException unreadable(
      String file, String message, @Nullable Throwable cause) {
    return new ConfigException(new Problem(file, 0, "", message), cause);
  }
}
