package io.entrepot.cli.output;

/** The forms in which {@code check} reports. */
public enum GateFormat {
  /** Text for a terminal. */
  TEXT,
  /** One JSON document. */
  JSON,
  /** For code scanning: SARIF 2.1.0. */
  SARIF,
  /** Annotations of a job of GitHub Actions. */
  GITHUB,
  /** For test reports: JUnit's XML. */
  JUNIT
}
