package io.entrepot.cli.command;

import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/** An option that is there or is not; {@code --option=false} is as if it were not. */
final class Flag implements IGetter, ISetter {

  private boolean set;

  /** Whether the command line says so. */
  boolean isSet() {
    return set;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's signature
  public <V> V get() {
    return (V) Boolean.valueOf(set);
  }

  @Override
  public <V> V set(V given) {
    set = Boolean.TRUE.equals(given);
    return given;
  }
}
