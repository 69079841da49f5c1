package io.entrepot.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/** An option with a value, or a parameter; it has no value until the command line is read. */
final class Option<T> implements IGetter, ISetter {

  private @Nullable T value;

  /** Whether the command line gives a value. */
  boolean isGiven() {
    return value != null;
  }

  /** The value; null if none is given. */
  @Nullable T orNull() {
    return value;
  }

  /** The value, or {@code usual} if none is given. */
  T or(T usual) {
    return value == null ? usual : value;
  }

  /** The value of a required option or parameter. */
  T value() {
    return Objects.requireNonNull(value, "not read yet");
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's signature
  public <V> @Nullable V get() {
    return (V) value;
  }

  @Override
  @SuppressWarnings("unchecked") // of the type that was declared with it
  public <V> V set(V given) {
    value = (T) given;
    return given;
  }
}
