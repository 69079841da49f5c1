package io.entrepot.registry.auth;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A bearer token and how long it is used.
 *
 * @param header the whole value of the {@code Authorization} header
 * @param usableUntil a time of the monotonic clock, in nanoseconds
 */
record Token(Secret header, long usableUntil) {

  private static final int MAX_LENGTH = 64 * 1024;

  /** What the token specification says a client is to assume. */
  private static final long DEFAULT_LIFE_SECONDS = 60;

  private static final long MAX_LIFE_SECONDS = TimeUnit.HOURS.toSeconds(24);

  /**
   * Reads a token realm's answer.
   *
   * @param askedAt when the request went out, by the monotonic clock: the registry's own clock says
   *     nothing about ours
   */
  static Token parse(Buffer body, long askedAt, Origin realm) {
    JsonNode answer;
    try {
      answer = JsonMapper.shared().readTree(body.getBytes());
    } catch (JacksonException malformed) {
      throw notUnderstood(realm, "it is not JSON");
    }
    String token = text(answer, "token");
    if (token.isEmpty()) {
      token = text(answer, "access_token");
    }
    if (token.isEmpty()) {
      throw notUnderstood(realm, "there is no token in it");
    }
    if (token.length() > MAX_LENGTH || token.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw notUnderstood(realm, "its token cannot be sent in a header");
    }
    long life = TimeUnit.SECONDS.toNanos(lifeSeconds(answer.path("expires_in")));
    long margin = Math.min(TimeUnit.SECONDS.toNanos(10), life / 2);
    return new Token(new Secret("Bearer " + token), askedAt + life - margin);
  }

  boolean isUsable(long now) {
    return usableUntil - now > 0;
  }

  private static long lifeSeconds(JsonNode expiresIn) {
    double seconds;
    if (expiresIn.isNumber()) {
      seconds = expiresIn.doubleValue();
    } else if (expiresIn.isString() && expiresIn.stringValue().matches("[0-9]{1,18}")) {
      seconds = Long.parseLong(expiresIn.stringValue());
    } else {
      return DEFAULT_LIFE_SECONDS;
    }
    return seconds < 1 ? DEFAULT_LIFE_SECONDS : (long) Math.min(seconds, (double) MAX_LIFE_SECONDS);
  }

  private static String text(JsonNode answer, String name) {
    JsonNode value = answer.path(name);
    return value.isString() ? value.stringValue() : "";
  }

  private static AuthException notUnderstood(Origin realm, String why) {
    return new AuthException(
        AuthException.Reason.NOT_UNDERSTOOD,
        200,
        "the answer of the token realm %s is not understood: %s".formatted(realm, why),
        null);
  }
}
