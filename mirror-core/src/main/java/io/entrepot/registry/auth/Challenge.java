package io.entrepot.registry.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110, section 11.6.1).
 *
 * @param scheme lower case
 * @param parameters by lower-case name, unquoted; empty for a challenge with a bare token
 */
record Challenge(String scheme, Map<String, String> parameters) {

  private static final int MAX_HEADER = 8 * 1024;
  private static final int MAX_HEADERS = 16;
  private static final int MAX_CHALLENGES = 16;

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  /**
   * What several headers said.
   *
   * @param challenges those understood, in order
   * @param ignored why something was left out, one entry each; without the header's text
   */
  record Parsed(List<Challenge> challenges, List<String> ignored) {

    /** The first challenge of a scheme that has a parameter, or just the scheme. */
    Optional<Challenge> first(String scheme, String... needed) {
      return challenges.stream()
          .filter(challenge -> challenge.scheme.equals(scheme))
          .filter(challenge -> challenge.parameters.keySet().containsAll(List.of(needed)))
          .findFirst();
    }
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  /** Parses any number of headers; what is malformed is left out. Linear in their length. */
  static Parsed parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (String header : headers.subList(0, Math.min(headers.size(), MAX_HEADERS))) {
      if (header.length() > MAX_HEADER) {
        ignored.add("a WWW-Authenticate header of " + header.length() + " characters");
      } else {
        new Parser(header, challenges, ignored).parse();
      }
    }
    if (headers.size() > MAX_HEADERS) {
      ignored.add("all but " + MAX_HEADERS + " of " + headers.size() + " headers");
    }
    return new Parsed(List.copyOf(challenges), List.copyOf(ignored));
  }

  private static final class Parser {
    private final String text;
    private final List<Challenge> challenges;
    private final List<String> ignored;
    private int position;
    private String scheme = "";
    private Map<String, String> parameters = new TreeMap<>();
    private boolean doubled;

    Parser(String text, List<Challenge> challenges, List<String> ignored) {
      this.text = text;
      this.challenges = challenges;
      this.ignored = ignored;
    }

    void parse() {
      while (true) {
        skipWhitespaceAndCommas();
        if (position == text.length()) {
          finishChallenge();
          return;
        }
        String name = token();
        if (name.isEmpty()) {
          malformed("a name was expected");
          return;
        }
        int afterName = position;
        skipWhitespace();
        if (position < text.length() && text.charAt(position) == '=') {
          if (scheme.isEmpty()) {
            malformed("a parameter without a scheme");
            return;
          }
          position++;
          skipWhitespace();
          if (!value(name.toLowerCase(Locale.ROOT))) {
            return;
          }
        } else if (position < text.length()
            && position == afterName
            && text.charAt(position) != ',') {
          malformed("an unexpected character after a name");
          return;
        } else {
          finishChallenge();
          scheme = name.toLowerCase(Locale.ROOT);
          skipBareToken();
        }
      }
    }

    private boolean value(String name) {
      String value;
      if (position < text.length() && text.charAt(position) == '"') {
        StringBuilder unquoted = new StringBuilder();
        position++;
        while (position < text.length() && text.charAt(position) != '"') {
          if (text.charAt(position) == '\\') {
            position++;
          }
          if (position < text.length()) {
            unquoted.append(text.charAt(position++));
          }
        }
        if (position >= text.length()) {
          malformed("a quoted value without an end");
          return false;
        }
        position++;
        value = unquoted.toString();
      } else {
        // Wider than a token: addresses and scopes are seen without quotes.
        int start = position;
        while (position < text.length() && " \t,\"".indexOf(text.charAt(position)) < 0) {
          position++;
        }
        value = text.substring(start, position);
      }
      if (value.chars().anyMatch(character -> character < ' ' || character == 0x7f)) {
        malformed("a control character in a value");
        return false;
      }
      doubled |= parameters.put(name, value) != null;
      return true;
    }

    /** Steps over a token68, which no scheme we answer uses. */
    private void skipBareToken() {
      int end = position;
      while (end < text.length() && isBareTokenCharacter(text.charAt(end))) {
        end++;
      }
      int padded = end;
      while (padded < text.length() && text.charAt(padded) == '=') {
        padded++;
      }
      int next = padded;
      while (next < text.length() && isWhitespace(text.charAt(next))) {
        next++;
      }
      boolean whole = next == text.length() || text.charAt(next) == ',';
      // "name=" before a comma could be either; a parameter that is empty says nothing anyway.
      if (whole && end > position) {
        position = next;
      }
    }

    private void finishChallenge() {
      if (doubled) {
        ignored.add("a challenge that says a parameter twice");
      } else if (!scheme.isEmpty() && challenges.size() < MAX_CHALLENGES) {
        challenges.add(new Challenge(scheme, parameters));
      }
      reset();
    }

    private void malformed(String why) {
      ignored.add("a malformed challenge: " + why + " at character " + (position + 1));
      reset();
    }

    private void reset() {
      scheme = "";
      parameters = new TreeMap<>();
      doubled = false;
    }

    private String token() {
      int start = position;
      while (position < text.length() && isTokenCharacter(text.charAt(position))) {
        position++;
      }
      return text.substring(start, position);
    }

    private void skipWhitespace() {
      while (position < text.length() && isWhitespace(text.charAt(position))) {
        position++;
      }
    }

    private void skipWhitespaceAndCommas() {
      while (position < text.length()
          && (isWhitespace(text.charAt(position)) || text.charAt(position) == ',')) {
        position++;
      }
    }

    private static boolean isWhitespace(char character) {
      return character == ' ' || character == '\t';
    }

    private static boolean isLetterOrDigit(char character) {
      return (character >= 'a' && character <= 'z')
          || (character >= 'A' && character <= 'Z')
          || (character >= '0' && character <= '9');
    }

    private static boolean isTokenCharacter(char character) {
      return isLetterOrDigit(character) || "!#$%&'*+-.^_`|~".indexOf(character) >= 0;
    }

    private static boolean isBareTokenCharacter(char character) {
      return isLetterOrDigit(character) || "-._~+/".indexOf(character) >= 0;
    }
  }
}
