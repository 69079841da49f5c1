package io.entrepot.cli.output;

/** What {@code --color} takes. */
public enum ColorChoice {
  /** Colours where standard error is a terminal, unless the environment says otherwise. */
  AUTO,
  /** Colours also into files and pipes. */
  ALWAYS,
  /** No colours. */
  NEVER
}
