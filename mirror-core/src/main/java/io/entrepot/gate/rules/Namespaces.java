package io.entrepot.gate.rules;

import org.jspecify.annotations.Nullable;

/** Namespaces in messages. */
final class Namespaces {

  private Namespaces() {}

  /** Its name; where none is known, the one that kubectl would take. */
  static String shown(@Nullable String namespace) {
    return namespace == null ? "default" : namespace;
  }
}
