package io.entrepot.oci;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

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

  /**
   * Text that is no JSON, in the parser's words without its own way of telling places.
   *
   * @param expected what the text is not
   */
  public static MalformedException json(String expected, JacksonException cause) {
    String problem = String.valueOf(cause.getOriginalMessage());
    int places = problem.indexOf(" (start marker at");
    return new MalformedException(
        "not %s: %s".formatted(expected, places < 0 ? problem : problem.substring(0, places)),
        cause);
  }

  /** Makes hostile input fit for a message: control characters replaced, length capped. */
  static String printable(String text) {
    String shortened = text.length() > 120 ? text.substring(0, 117) + "..." : text;
    return shortened.replaceAll("\\p{C}", "\uFFFD");
  }
}
