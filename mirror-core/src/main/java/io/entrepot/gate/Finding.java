package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
 * @param cause what findings of one cause have in common, so that they are told as one; null where
 *     each stands for itself
 * @param others further places of the same cause
 * @param severity whether the check fails for it
 */
public record Finding(
    Rule rule,
    String target,
    @Nullable FilePosition position,
    @Nullable ObjectName object,
    @Nullable String image,
    String message,
    String remedy,
    @Nullable String cause,
    List<Place> others,
    Severity severity) {

  private static final int NAMED_OTHERS = 5;

  /** A place where the same is wrong. */
  public record Place(@Nullable FilePosition position, @Nullable ObjectName object) {}

  /** Copies. */
  public Finding {
    others = List.copyOf(others);
  }

  /** A finding that stands for itself. */
  public Finding(
      Rule rule,
      String target,
      @Nullable FilePosition position,
      @Nullable ObjectName object,
      @Nullable String image,
      String message,
      String remedy) {
    this(rule, target, position, object, image, message, remedy, null, List.of(), Severity.ERROR);
  }

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

  /** The message, with the first of the further places. */
  public String messageWithOthers() {
    if (others.isEmpty()) {
      return message;
    }
    String named =
        others.stream()
            .limit(NAMED_OTHERS)
            .map(each -> String.valueOf(each.object() == null ? each.position() : each.object()))
            .collect(Collectors.joining(", "));
    return "%s (also %s%s)"
        .formatted(
            message,
            named,
            others.size() > NAMED_OTHERS
                ? " and %d more".formatted(others.size() - NAMED_OTHERS)
                : "");
  }

  /** The same with other names of files. */
  public Finding renamed(UnaryOperator<String> names) {
    return at(renamed(position, names))
        .with(
            others.stream()
                .map(each -> new Place(renamed(each.position(), names), each.object()))
                .toList());
  }

  private static @Nullable FilePosition renamed(
      @Nullable FilePosition position, UnaryOperator<String> names) {
    return position == null ? null : position.in(names.apply(position.file()));
  }

  /** The same at another position. */
  public Finding at(@Nullable FilePosition other) {
    return new Finding(
        rule, target, other, object, image, message, remedy, cause, others, severity);
  }

  /** The same for another target. */
  public Finding of(String otherTarget) {
    return new Finding(
        rule, otherTarget, position, object, image, message, remedy, cause, others, severity);
  }

  /** The same of another weight. */
  Finding weighing(Severity other) {
    return new Finding(
        rule, target, position, object, image, message, remedy, cause, others, other);
  }

  /** The same with further places. */
  Finding with(List<Place> places) {
    return new Finding(
        rule, target, position, object, image, message, remedy, cause, places, severity);
  }
}
