package io.entrepot.lock;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.Problem;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A file into which git has written its conflict marks, taken apart. Lines that stand for others
 * keep their numbers, so that messages name the line that a person sees.
 *
 * @param base the common ancestor, where git has written it too (its style diff3)
 */
record Conflict(Optional<String> base, String ours, String theirs) {

  private enum Part {
    ALL,
    OURS,
    BASE,
    THEIRS
  }

  /**
   * The sides of a text; empty where it has no marks.
   *
   * @param file its name in messages
   * @throws ConfigException for marks that are not complete
   */
  static Optional<Conflict> find(String file, String text) {
    OptionalInt first = firstMark(text);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder base = new StringBuilder();
    StringBuilder ours = new StringBuilder();
    StringBuilder theirs = new StringBuilder();
    Part part = Part.ALL;
    boolean complete = true;
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Part next = after(part, line);
      if (next != null) {
        complete = complete && !(part == Part.OURS && next == Part.THEIRS);
        part = next;
        line = "";
      } else if (isMark(line)) {
        throw broken(file, number);
      }
      boolean mark = next != null;
      append(base, line, !mark && (part == Part.ALL || part == Part.BASE));
      append(ours, line, !mark && (part == Part.ALL || part == Part.OURS));
      append(theirs, line, !mark && (part == Part.ALL || part == Part.THEIRS));
    }
    if (part != Part.ALL) {
      throw broken(file, number);
    }
    return Optional.of(
        new Conflict(
            complete ? Optional.of(base.toString()) : Optional.empty(),
            ours.toString(),
            theirs.toString()));
  }

  /**
   * Refuses a text with marks.
   *
   * @throws ConfigException that names the first one
   */
  static void refuse(String file, String text) {
    OptionalInt first = firstMark(text);
    if (first.isPresent()) {
      throw new ConfigException(
          new Problem(
              FilePosition.of(file, first.getAsInt()),
              "",
              "has git's conflict marks; `entrepot mirror` reads both sides and merges them"),
          null);
    }
  }

  private static @Nullable Part after(Part part, String line) {
    return switch (part) {
      case ALL -> line.startsWith("<<<<<<<") ? Part.OURS : null;
      case OURS ->
          line.startsWith("|||||||") ? Part.BASE : line.startsWith("=======") ? Part.THEIRS : null;
      case BASE -> line.startsWith("=======") ? Part.THEIRS : null;
      case THEIRS -> line.startsWith(">>>>>>>") ? Part.ALL : null;
    };
  }

  private static OptionalInt firstMark(String text) {
    if (!text.contains("<<<<<<<") && !text.contains(">>>>>>>")) {
      return OptionalInt.empty();
    }
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (isMark(line)) {
        return OptionalInt.of(number);
      }
    }
    return OptionalInt.empty();
  }

  private static boolean isMark(String line) {
    return line.startsWith("<<<<<<<")
        || line.startsWith(">>>>>>>")
        || line.startsWith("|||||||")
        || line.startsWith("=======");
  }

  private static void append(StringBuilder side, String line, boolean belongs) {
    side.append(belongs ? line : "").append('\n');
  }

  private static ConfigException broken(String file, int line) {
    return new ConfigException(
        new Problem(FilePosition.of(file, line), "", "git's conflict marks are not complete"),
        null);
  }
}
