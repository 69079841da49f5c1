package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/** Text or JSON from outside that does not follow the grammar it should. */
public final class MalformedException extends IllegalArgumentException {

  /**
   * @param message what is wrong, with the offending text shortened to something printable
   */
  public MalformedException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong
   * @param cause the parser's own complaint
   */
  public MalformedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Makes hostile input fit for a message: control characters replaced, length capped. */
  static String printable(String text) {
    String shortened = text.length() > 120 ? text.substring(0, 117) + "..." : text;
    return shortened.replaceAll("\\p{C}", "\uFFFD");
  }
}
