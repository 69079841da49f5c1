package io.entrepot.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configuration files as people wrote them. */
public final class ConfigurationText {

  private ConfigurationText() {}

  /**
   * The lines of a top-level key with everything below it, comments and variables as they stand;
   * empty where the file does not have it.
   */
  public static String block(Path file, String key) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(file, e.getMessage()), e);
    }
    int from = 0;
    while (from < lines.size() && !lines.get(from).startsWith(key + ":")) {
      from++;
    }
    int to = Math.min(from + 1, lines.size());
    while (to < lines.size() && !begins(lines.get(to))) {
      to++;
    }
    String block =
        String.join("\n", lines.subList(Math.min(from, lines.size()), to)).stripTrailing();
    return block.isEmpty() ? "" : block + "\n";
  }

  /** Whether a line begins another key, or a comment that stands before one. */
  private static boolean begins(String line) {
    return !line.isEmpty() && !Character.isWhitespace(line.charAt(0)) && line.charAt(0) != '}';
  }
}
