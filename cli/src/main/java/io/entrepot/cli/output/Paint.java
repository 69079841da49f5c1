package io.entrepot.cli.output;

/**
 * Colours for a text that is printed as it is.
 *
 * @param on whether any are used
 */
record Paint(boolean on) {

  /** No colours: for files, and for what other programs read. */
  static final Paint NONE = new Paint(false);

  private static final String END = "\u001B[0m";

  /** What is refused or failed. */
  String refused(String text) {
    return painted("31", text);
  }

  /** What is warned of or not judged. */
  String doubtful(String text) {
    return painted("33", text);
  }

  /** What is as it should be, and what is to be done. */
  String good(String text) {
    return painted("32", text);
  }

  /** A heading. */
  String strong(String text) {
    return painted("1", text);
  }

  /** What is read last. */
  String faint(String text) {
    return painted("2", text);
  }

  private String painted(String code, String text) {
    return on && !text.isEmpty() ? "\u001B[" + code + "m" + text + END : text;
  }
}
