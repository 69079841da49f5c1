package io.entrepot.proxy.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Compares what a sender shows with a secret, in a time that does not depend on it. */
final class HookProof {

  private static final String ALGORITHM = "HmacSHA256";
  private static final String SIGNED = "sha256=";
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
      case SIGNATURE -> signature != null && isSigned(secret, body, signature);
      case QUERY -> query != null && isSame(secret, query);
      case HEADER ->
          authorization == null
              ? query != null && isSame(secret, query)
              : isSame(secret, authorization)
                  || (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                      && isSame(secret, authorization.substring(BEARER.length())));
    };
  }

  private static boolean isSigned(String secret, byte[] body, String signature) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM));
      return isSame(SIGNED + HexFormat.of().formatHex(mac.doFinal(body)), signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private static boolean isSame(String secret, String shown) {
    return MessageDigest.isEqual(secret.getBytes(UTF_8), shown.getBytes(UTF_8));
  }
}
