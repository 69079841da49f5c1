package io.entrepot.proxy.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An issuer of tokens on this machine, which answers as a test wants. */
public final class ScriptedIssuer implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final String address;
  private final AtomicInteger fetches = new AtomicInteger();
  private final Map<String, PublicKey> keys = new ConcurrentHashMap<>();
  private volatile boolean down;
  private volatile String named;
  private volatile @Nullable String keySet;

  private ScriptedIssuer(HttpServerOptions options, String scheme) {
    server =
        vertx.createHttpServer(options).requestHandler(this::answer).listen(0, "127.0.0.1").await();
    address = scheme + "://127.0.0.1:" + server.actualPort();
    named = address;
  }

  public static ScriptedIssuer start() {
    return new ScriptedIssuer(new HttpServerOptions(), "http");
  }

  /** One with a certificate. */
  public static ScriptedIssuer start(Path certificate, Path key) {
    return new ScriptedIssuer(
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertPath(certificate.toString())
                    .addKeyPath(key.toString())),
        "https");
  }

  private void answer(HttpServerRequest request) {
    if (down) {
      request.connection().close();
    } else if ("/.well-known/openid-configuration".equals(request.path())) {
      request
          .response()
          .end("{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(named, address));
    } else {
      fetches.incrementAndGet();
      String scripted = keySet;
      request.response().end(scripted == null ? jwks() : scripted);
    }
  }

  private String jwks() {
    return keys.entrySet().stream()
        .map(each -> jwk(each.getKey(), each.getValue()))
        .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  private static String jwk(String kid, PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa ->
          "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}"
              .formatted(kid, number(rsa.getModulus()), number(rsa.getPublicExponent()));
      case ECPublicKey ec ->
          "{\"kty\":\"EC\",\"kid\":\"%s\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"}"
              .formatted(
                  kid,
                  ec.getParams().getCurve().getField().getFieldSize(),
                  number(ec.getW().getAffineX()),
                  number(ec.getW().getAffineY()));
      default -> throw new IllegalArgumentException(key.getAlgorithm());
    };
  }

  private static String number(BigInteger value) {
    byte[] bytes = value.toByteArray();
    int skipped = bytes[0] == 0 ? 1 : 0;
    return base64(java.util.Arrays.copyOfRange(bytes, skipped, bytes.length));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  public String address() {
    return address;
  }

  /** How often its keys were asked for. */
  public int fetches() {
    return fetches.get();
  }

  /** From now on it ends every connection, or does not. */
  public void down(boolean isDown) {
    down = isDown;
  }

  /** From now on its discovery document is of another issuer. */
  void named(String other) {
    named = other;
  }

  /** From now on it gives this instead of its keys. */
  void keySet(String text) {
    keySet = text;
  }

  /** Gives it another key; {@code RSA} has 2048 bits, else the name of a curve. */
  public KeyPair key(String kid, String kind) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.equals("RSA") ? "RSA" : "EC");
    if (kind.equals("RSA")) {
      generator.initialize(2048);
    } else {
      generator.initialize(new java.security.spec.ECGenParameterSpec(kind));
    }
    KeyPair pair = generator.generateKeyPair();
    keys.put(kid, pair.getPublic());
    return pair;
  }

  public void forget(String kid) {
    keys.remove(kid);
  }

  /** Claims that are good for five minutes from a time on, and some more. */
  public Map<String, Object> claims(Instant now, Map<String, Object> more) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", address);
    claims.put("aud", "entrepot");
    claims.put("sub", "repo:acme/shop");
    claims.put("exp", now.getEpochSecond() + 300);
    claims.putAll(more);
    claims.values().removeIf("none"::equals);
    return claims;
  }

  static String unsigned(String header, Map<String, Object> claims) {
    return base64(header.getBytes(UTF_8))
        + "."
        + base64(
            tools.jackson.databind.json.JsonMapper.shared()
                .writeValueAsString(claims)
                .getBytes(UTF_8));
  }

  /** A token. */
  public static String token(String algorithm, String kid, KeyPair pair, Map<String, Object> claims)
      throws Exception {
    String text = unsigned("{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, kid), claims);
    String bits = algorithm.substring(2);
    Signature signature =
        Signature.getInstance(
            switch (algorithm.substring(0, 2)) {
              case "RS" -> "SHA" + bits + "withRSA";
              case "PS" -> "RSASSA-PSS";
              default -> "SHA" + bits + "withECDSAinP1363Format";
            });
    if (algorithm.startsWith("PS")) {
      signature.setParameter(
          new PSSParameterSpec(
              "SHA-" + bits,
              "MGF1",
              new MGF1ParameterSpec("SHA-" + bits),
              Integer.parseInt(bits) / 8,
              1));
    }
    signature.initSign(pair.getPrivate());
    signature.update(text.getBytes(UTF_8));
    return text + "." + base64(signature.sign());
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
