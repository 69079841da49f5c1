package io.entrepot.registry.auth;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A password or token that cannot be printed by accident. */
public final class Secret {

  private final String value;

  /**
   * @param value the password or token
   */
  public Secret(String value) {
    this.value = value;
  }

  /** The secret itself, for the header it goes into and nothing else. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(value);
  }

  @Override
  public String toString() {
    return "***";
  }
}
