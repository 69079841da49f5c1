package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import org.jspecify.annotations.Nullable;

/**
 * Something the gate refuses.
 *
 * @param target the target's name
 * @param position with a file relative to the root where it lies below it; null where no file can
 *     be named
 * @param object null where no object is concerned
 * @param image the canonical reference where it can be read, else what is written; null where no
 *     image is concerned
 * @param message what is wrong, in one sentence
 * @param remedy what to do about it here
 */
public record Finding(
    Rule rule,
    String target,
    @Nullable FilePosition position,
    @Nullable ObjectName object,
    @Nullable String image,
    String message,
    String remedy) {

  /** The file, or null. */
  public @Nullable String file() {
    return position == null ? null : position.file();
  }

  /** The line, from 1; 0 where the whole file is meant or there is none. */
  public int line() {
    return position == null ? 0 : position.line();
  }

  /** {@code file:line}, {@code file}, or nothing. */
  public String place() {
    return position == null ? "" : position.toString();
  }

  /** The same at another position. */
  public Finding at(@Nullable FilePosition other) {
    return new Finding(rule, target, other, object, image, message, remedy);
  }

  /** The same for another target. */
  public Finding of(String otherTarget) {
    return new Finding(rule, otherTarget, position, object, image, message, remedy);
  }
}
