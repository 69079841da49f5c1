package io.entrepot.proxy.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Digest;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The keys of an issuer (RFC 7517).
 *
 * @param proven tokens whose signature was checked with one of these keys; forgotten with them
 */
record KeySet(List<Key> keys, Cache<Digest, Boolean> proven) {

  private static final int MAX_PROVEN = 10_000;

  /**
   * A key.
   *
   * @param id its {@code kid}; empty where it has none
   * @param algorithm the only one that it is for; empty where that is not said
   */
  record Key(String id, String algorithm, PublicKey key) {

    boolean isFor(@Nullable String kid, SignatureAlgorithm wanted) {
      return (kid == null || kid.equals(id))
          && (algorithm.isEmpty() || algorithm.equals(wanted.name()))
          && wanted.takes(key);
    }
  }

  /** Those keys of a document that can be used; others are left out. */
  static KeySet of(JsonNode document) {
    List<Key> keys = new ArrayList<>();
    for (JsonNode entry : document.path("keys")) {
      String use = text(entry, "use");
      if (use.isEmpty() || use.equals("sig")) {
        key(entry)
            .map(key -> new Key(text(entry, "kid"), text(entry, "alg"), key))
            .ifPresent(keys::add);
      }
    }
    return new KeySet(
        List.copyOf(keys),
        Caffeine.newBuilder()
            .maximumSize(MAX_PROVEN)
            .expireAfterWrite(Duration.ofMinutes(5))
            .build());
  }

  boolean has(@Nullable String kid) {
    return kid == null ? !keys.isEmpty() : keys.stream().anyMatch(key -> key.id().equals(kid));
  }

  private static Optional<PublicKey> key(JsonNode entry) {
    try {
      return switch (text(entry, "kty")) {
        case "RSA" ->
            Optional.of(
                KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(number(entry, "n"), number(entry, "e"))));
        case "EC" -> elliptic(entry);
        default -> Optional.empty();
      };
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<PublicKey> elliptic(JsonNode entry) throws GeneralSecurityException {
    String curve = text(entry, "crv");
    if (!Set.of("P-256", "P-384", "P-521").contains(curve)) {
      return Optional.empty();
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve.replace("P-", "secp") + "r1"));
    return Optional.of(
        KeyFactory.getInstance("EC")
            .generatePublic(
                new ECPublicKeySpec(
                    new ECPoint(number(entry, "x"), number(entry, "y")),
                    parameters.getParameterSpec(ECParameterSpec.class))));
  }

  private static BigInteger number(JsonNode entry, String name) {
    byte[] bytes = Base64.getUrlDecoder().decode(text(entry, name));
    if (bytes.length == 0) {
      throw new IllegalArgumentException("a key without " + name);
    }
    return new BigInteger(1, bytes);
  }

  private static String text(JsonNode entry, String name) {
    JsonNode value = entry.path(name);
    return value.isString() ? value.stringValue() : "";
  }
}
