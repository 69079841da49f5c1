package io.entrepot.proxy.login;

import io.entrepot.text.Glob;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.StrictJson;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A signed token (RFC 7515, RFC 7519) that nobody has checked yet.
 *
 * @param signed what the signature is of
 */
record Token(JsonNode header, JsonNode claims, Buffer signed, Buffer signature) {

  /** Characters of a token. */
  private static final int MAX = 6 * 1024;

  /** How far the clocks of issuer and server may be apart. */
  private static final Duration LEEWAY = Duration.ofSeconds(60);

  /** Seconds after 1970 that are a time: far beyond every token's. */
  private static final double LAST = 1e11;

  /** Whether a password looks like a token: three parts, the first of which begins an object. */
  static boolean isLike(String text) {
    return text.startsWith("eyJ") && text.chars().filter(c -> c == '.').count() == 2;
  }

  /**
   * Reads a token.
   *
   * @throws LoginException for what is none
   */
  static Token parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (text.length() > MAX || parts.length != 3) {
      throw malformed(text.length() > MAX ? "a token over 6 KiB" : "not a signed token");
    }
    try {
      Base64.Decoder decoder = Base64.getUrlDecoder();
      JsonNode header = StrictJson.object(decoder.decode(parts[0]), "the header of the token");
      if (header.has("crit")) {
        throw malformed("the token has an extension that has to be understood");
      }
      return new Token(
          header,
          StrictJson.object(decoder.decode(parts[1]), "the token"),
          Buffer.buffer(parts[0] + "." + parts[1]),
          Buffer.buffer(decoder.decode(parts[2])));
    } catch (IllegalArgumentException | BrokenSignatureException e) {
      throw malformed("not a signed token");
    }
  }

  private static LoginException malformed(String message) {
    return new LoginException(LoginException.Reason.MALFORMED, message);
  }

  String issuer() {
    return text(claims, "iss");
  }

  /** Whom it is about. */
  String subject() {
    return text(claims, "sub");
  }

  /** The key that it says it is signed with, or null. */
  @Nullable String kid() {
    JsonNode kid = header.path("kid");
    return kid.isString() ? kid.stringValue() : null;
  }

  SignatureAlgorithm algorithm() {
    return SignatureAlgorithm.of(text(header, "alg"))
        .orElseThrow(
            () ->
                new LoginException(
                    LoginException.Reason.ALGORITHM,
                    "the token is not signed with RS, PS or ES, which proves nothing here"));
  }

  /** Whether it was made for somebody; it may be made for several. */
  boolean isFor(String audience) {
    JsonNode stated = claims.path("aud");
    if (stated.isString()) {
      return stated.stringValue().equals(audience);
    }
    return stated.isArray()
        && stated
            .valueStream()
            .anyMatch(item -> item.isString() && item.stringValue().equals(audience));
  }

  /** Throws where its time is not now. */
  void requireTime(Instant now) {
    Optional<Instant> end = time("exp");
    if (end.isEmpty()) {
      throw new LoginException(LoginException.Reason.EXPIRED, "the token has no end (exp)");
    }
    if (!now.isBefore(end.get().plus(LEEWAY))) {
      throw new LoginException(
          LoginException.Reason.EXPIRED, "the token expired at %s".formatted(end.get()));
    }
    if (claims.has("nbf")
        && time("nbf").filter(begin -> !begin.minus(LEEWAY).isAfter(now)).isEmpty()) {
      throw new LoginException(LoginException.Reason.FUTURE, "the token is not valid yet (nbf)");
    }
  }

  private Optional<Instant> time(String name) {
    JsonNode value = claims.path(name);
    return value.isNumber() && Math.abs(value.doubleValue()) < LAST
        ? Optional.of(Instant.ofEpochSecond((long) value.doubleValue()))
        : Optional.empty();
  }

  boolean fits(Grant grant) {
    return grant.claims().entrySet().stream()
        .allMatch(claim -> fits(at(claims, claim.getKey()), claim.getValue()));
  }

  /** A claim by its name, else by the names on the way to it; names may hold slashes themselves. */
  private static JsonNode at(JsonNode parent, String path) {
    if (parent.has(path)) {
      return parent.path(path);
    }
    for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      JsonNode child = parent.path(path.substring(0, slash));
      JsonNode found = child.isObject() ? at(child, path.substring(slash + 1)) : child.path("");
      if (!found.isMissingNode()) {
        return found;
      }
    }
    return parent.path(path);
  }

  private static boolean fits(JsonNode value, Glob pattern) {
    if (value.isArray()) {
      return value.valueStream().anyMatch(item -> !item.isArray() && fits(item, pattern));
    }
    return (value.isString() || value.isNumber() || value.isBoolean())
        && pattern.matches(value.asString());
  }

  private static String text(JsonNode parent, String name) {
    JsonNode value = parent.path(name);
    return value.isString() ? value.stringValue() : "";
  }
}
