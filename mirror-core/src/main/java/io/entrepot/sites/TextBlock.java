package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;

/** A literal block that holds more than one plain value: YAML of its own, assignments, a script. */
public final class TextBlock {

  private TextBlock() {}

  /** Whether a scalar is one. */
  public static boolean is(ScalarSite scalar) {
    if (scalar.style() != ScalarSite.Style.LITERAL) {
      return false;
    }
    String value = scalar.value().strip();
    return value.indexOf('\n') >= 0 || value.contains(": ") || value.contains("=");
  }
}
