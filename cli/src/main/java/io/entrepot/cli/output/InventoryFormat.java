package io.entrepot.cli.output;

/** The forms in which an inventory is written. */
public enum InventoryFormat {
  /** Text for a terminal. */
  TEXT,
  /** One JSON document. */
  JSON,
  /** A table as RFC 4180 has it. */
  CSV,
  /** SARIF 2.1.0: the states of what has a line in git. */
  SARIF
}
