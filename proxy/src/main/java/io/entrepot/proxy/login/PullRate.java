package io.entrepot.proxy.login;

import io.entrepot.text.TimeSpan;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often one address may pull.
 *
 * @param pulls requests for manifests, at least 1
 * @param window the time that they are counted in; it begins with the first of them
 */
public record PullRate(int pulls, Duration window) {

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})/([0-9a-z]+)");
  private static final Duration LONGEST = Duration.ofDays(7);

  /**
   * Reads {@code 600/h}; the time may have a number, as in {@code 100/6h}.
   *
   * @throws IllegalArgumentException for anything else, and for more than seven days
   */
  public static PullRate parse(String text) {
    Matcher found = FORM.matcher(text);
    if (found.matches()) {
      String time = found.group(2);
      Duration window = TimeSpan.parse(Character.isDigit(time.charAt(0)) ? time : "1" + time);
      if (window.isPositive() && window.compareTo(LONGEST) <= 0) {
        return new PullRate(Integer.parseInt(found.group(1)), window);
      }
    }
    throw new IllegalArgumentException(
        "not a rate: '%s' (for example 600/h or 100/6h; at most seven days)".formatted(text));
  }
}
