package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import org.jspecify.annotations.Nullable;

/**
 * Something that a rule could not judge, which is not passing.
 *
 * @param target the target's name
 * @param position null where no file can be named
 * @param object null where no object is concerned
 * @param what the image, file or entry that was not judged
 * @param why and what would make it possible
 * @param severity whether the check fails for it
 */
public record Skipped(
    Rule rule,
    String target,
    @Nullable FilePosition position,
    @Nullable ObjectName object,
    String what,
    String why,
    Severity severity) {

  /** Something for which the check fails. */
  public Skipped(
      Rule rule,
      String target,
      @Nullable FilePosition position,
      @Nullable ObjectName object,
      String what,
      String why) {
    this(rule, target, position, object, what, why, Severity.ERROR);
  }

  /** The same of another weight. */
  Skipped weighing(Severity other) {
    return new Skipped(rule, target, position, object, what, why, other);
  }

  /** The file, or null. */
  public @Nullable String file() {
    return position == null ? null : position.file();
  }
}
