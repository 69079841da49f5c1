package io.entrepot.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/**
 * What the command line says for an option with a value or for a parameter; nothing before it was
 * read.
 */
final class Given<T> implements IGetter, ISetter {

  private @Nullable T value;

  /** Whether it says anything. */
  boolean isGiven() {
    return value != null;
  }

  /** Null where nothing was given. */
  @Nullable T orNull() {
    return value;
  }

  /** What counts where nothing was given. */
  T or(T usual) {
    return value == null ? usual : value;
  }

  /** Of what the command does not begin without. */
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
