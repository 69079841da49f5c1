package io.entrepot.proxy.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.text.BodySignature;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Compares what a sender shows with a secret, in a time that does not depend on it. */
final class HookProof {

  private static final String BEARER = "Bearer ";

  private HookProof() {}

  /**
   * Whether a sender has shown a secret.
   *
   * @param authorization the header, or null
   * @param signature the header {@code X-Hub-Signature-256}, or null
   * @param query {@code ?secret=}, or null
   */
  static boolean holds(
      HookVendor.Proof proof,
      String secret,
      byte[] body,
      @Nullable String authorization,
      @Nullable String signature,
      @Nullable String query) {
    return switch (proof) {
      case SIGNATURE -> signature != null && isSame(BodySignature.of(secret, body), signature);
      case QUERY -> query != null && isSame(secret, query);
      case HEADER ->
          authorization == null
              ? query != null && isSame(secret, query)
              : isSame(secret, authorization)
                  || (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                      && isSame(secret, authorization.substring(BEARER.length())));
    };
  }

  private static boolean isSame(String secret, String shown) {
    return MessageDigest.isEqual(secret.getBytes(UTF_8), shown.getBytes(UTF_8));
  }
}
