package io.entrepot.gate;

import java.util.Arrays;
import java.util.Locale;

/** How much a finding weighs. */
public enum Severity {
  /** The check fails. */
  ERROR,
  /** Told, and no reason to fail. */
  WARNING;

  /** The name in {@code severity:} and in reports. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The severity of that name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Severity parse(String id) {
    return Arrays.stream(values())
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("'%s' is neither error nor warning".formatted(id)));
  }
}
