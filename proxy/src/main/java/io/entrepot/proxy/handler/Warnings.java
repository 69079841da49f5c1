package io.entrepot.proxy.handler;

/** Text from elsewhere in headers and logs. */
public final class Warnings {

  private static final int MAX_LENGTH = 400;

  private Warnings() {}

  /** The value of a {@code Warning} header (RFC 7234, code 299), at most 400 characters of text. */
  static String header(String text) {
    String printable = printable(text).replace("\"", "'");
    return "299 - \""
        + (printable.length() > MAX_LENGTH ? printable.substring(0, MAX_LENGTH) : printable)
        + "\"";
  }

  /** The text on one line, in characters that no terminal acts upon. */
  public static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
