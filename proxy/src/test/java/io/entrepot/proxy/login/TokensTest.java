package io.entrepot.proxy.login;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.proxy.login.LoginException.Reason;
import io.entrepot.registry.MachineTrust;
import io.entrepot.text.Glob;
import io.vertx.core.Vertx;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-27T10:00:00Z"));
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now.get();
        }
      };
  private final Vertx vertx = Vertx.vertx();
  private ScriptedIssuer issuer;
  private KeyPair key;

  @BeforeEach
  void start() throws Exception {
    issuer = ScriptedIssuer.start();
    key = issuer.key("k1", "RSA");
  }

  @AfterEach
  void stop() {
    issuer.close();
    vertx.close().await();
  }

  private static Grant grant(String claim, String pattern) {
    return new Grant(
        Map.of(claim, Glob.ofName(pattern)), Glob.ofName("team/*"), Set.of(Right.READ));
  }

  private Tokens tokens(Grant... grants) {
    return new Tokens(
        vertx,
        List.of(new OidcIssuer(issuer.address(), "entrepot", List.of(grants), null)),
        MachineTrust.JAVA,
        clock);
  }

  private Tokens tokens() {
    return tokens(grant("sub", "*"));
  }

  private Map<String, Object> claims(Map<String, Object> more) {
    return issuer.claims(now.get(), more);
  }

  private String token(Map<String, Object> more) throws Exception {
    return ScriptedIssuer.token("RS256", "k1", key, claims(more));
  }

  private static void refused(Tokens tokens, String token, Reason reason) {
    assertThatThrownBy(() -> tokens.prove(token).await())
        .as(reason.word())
        .isInstanceOfSatisfying(
            LoginException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @ParameterizedTest
  @CsvSource({
    "RS256,RSA",
    "RS384,RSA",
    "RS512,RSA",
    "PS256,RSA",
    "PS384,RSA",
    "PS512,RSA",
    "ES256,secp256r1",
    "ES384,secp384r1",
    "ES512,secp521r1"
  })
  void token_ofEachAlgorithm_isBelieved_aChangedOneIsNot(String algorithm, String kind)
      throws Exception {
    KeyPair own = issuer.key("own", kind);
    String token = ScriptedIssuer.token(algorithm, "own", own, claims(Map.of()));
    Tokens tokens = tokens();
    assertThat(tokens.prove(token).await().name()).isEqualTo("repo:acme/shop");
    String other =
        ScriptedIssuer.unsigned(
            "{\"alg\":\"%s\",\"kid\":\"own\"}".formatted(algorithm), claims(Map.of("sub", "x")));
    refused(tokens, other + token.substring(token.lastIndexOf('.')), Reason.SIGNATURE);
    refused(tokens, token.substring(0, token.lastIndexOf('.') + 1), Reason.SIGNATURE);
  }

  @Test
  void forgedTokens_areRefused_andTheIssuerIsNotAsked() throws Exception {
    Tokens tokens = tokens();
    refused(
        tokens,
        ScriptedIssuer.unsigned("{\"alg\":\"none\"}", claims(Map.of())) + ".",
        Reason.ALGORITHM);
    String secret = ScriptedIssuer.unsigned("{\"alg\":\"HS256\",\"kid\":\"k1\"}", claims(Map.of()));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key.getPublic().getEncoded(), "HmacSHA256"));
    refused(
        tokens,
        secret
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(mac.doFinal(secret.getBytes(UTF_8))),
        Reason.ALGORITHM);
    refused(tokens, token(Map.of("iss", issuer.address() + "/")), Reason.ISSUER);
    refused(tokens, token(Map.of("iss", "none")), Reason.ISSUER);
    refused(tokens, token(Map.of("aud", "other")), Reason.AUDIENCE);
    refused(tokens, token(Map.of("aud", List.of("other", "Entrepot"))), Reason.AUDIENCE);
    refused(tokens, token(Map.of("aud", "none")), Reason.AUDIENCE);
    refused(tokens, "eyJ.x.y", Reason.MALFORMED);
    refused(tokens, token(Map.of("big", "x".repeat(6000))), Reason.MALFORMED);
    refused(
        tokens,
        ScriptedIssuer.unsigned("{\"alg\":\"RS256\",\"crit\":[\"b64\"]}", claims(Map.of())) + ".AA",
        Reason.MALFORMED);
    assertThat(issuer.fetches()).isZero();
  }

  @Test
  void keyOfAnotherKind_provesNothing() throws Exception {
    KeyPair curve = issuer.key("k2", "secp256r1");
    Tokens tokens = tokens();
    refused(tokens, ScriptedIssuer.token("ES256", "k1", curve, claims(Map.of())), Reason.KEY);
    refused(tokens, ScriptedIssuer.token("RS256", "k2", key, claims(Map.of())), Reason.KEY);
    try (ScriptedIssuer another = ScriptedIssuer.start()) {
      KeyPair other = another.key("k1", "RSA");
      refused(
          tokens, ScriptedIssuer.token("RS256", "k1", other, claims(Map.of())), Reason.SIGNATURE);
    }
  }

  @Test
  void time_hasAMinuteOfLeeway_andAnEndIsRequired() throws Exception {
    long second = now.get().getEpochSecond();
    Tokens tokens = tokens();
    assertThat(tokens.prove(token(Map.of("exp", second - 59))).await()).isNotNull();
    refused(tokens, token(Map.of("exp", second - 60)), Reason.EXPIRED);
    refused(tokens, token(Map.of("exp", "none")), Reason.EXPIRED);
    refused(tokens, token(Map.of("exp", "tomorrow")), Reason.EXPIRED);
    assertThat(tokens.prove(token(Map.of("nbf", second + 60))).await()).isNotNull();
    refused(tokens, token(Map.of("nbf", second + 61)), Reason.FUTURE);
    refused(tokens, token(Map.of("nbf", "soon")), Reason.FUTURE);

    String token = token(Map.of());
    assertThat(tokens.prove(token).await()).isNotNull();
    now.set(now.get().plusSeconds(360));
    refused(tokens, token, Reason.EXPIRED);
  }

  @Test
  void claims_fitWholePatterns_listsByAnItem_nestedOnesByPath() throws Exception {
    Map<String, Object> shop =
        Map.of(
            "repository",
            "acme/shop/api",
            "groups",
            List.of("Readers", "writers"),
            "https://example.org/role",
            "admin",
            "email_verified",
            true,
            "kubernetes.io",
            Map.of("namespace", "shop", "pod", Map.of("name", "api-0")));
    for (Grant fitting :
        List.of(
            grant("repository", "acme/*"),
            grant("groups", "writers"),
            grant("https://example.org/role", "admin"),
            grant("email_verified", "true"),
            grant("kubernetes.io/namespace", "shop"),
            grant("kubernetes.io/pod/name", "api-?"))) {
      Visitor.TokenHolder holder = tokens(fitting).prove(token(shop)).await();
      assertThat(holder.grants()).as(fitting.toString()).containsExactly(fitting);
      assertThat(holder.may(Right.READ, "team/app")).isTrue();
      assertThat(holder.may(Right.WRITE, "team/app")).isFalse();
      assertThat(holder.may(Right.READ, "other/app")).isFalse();
    }
    for (Grant other :
        List.of(
            grant("repository", "acme"),
            grant("repository", "Acme/*"),
            grant("repository", "shop/*"),
            grant("groups", "readers"),
            grant("kubernetes.io", "*"),
            grant("kubernetes.io/pod", "*"),
            grant("absent", "*"))) {
      Visitor.TokenHolder holder = tokens(other).prove(token(shop)).await();
      assertThat(holder.grants()).as(other.toString()).isEmpty();
    }
  }

  @Test
  void rotatedKey_isAskedForOnce_andUnknownOnesAtMostOnceInHalfAMinute() throws Exception {
    Tokens tokens = tokens();
    tokens.prove(token(Map.of())).await();
    assertThat(issuer.fetches()).isEqualTo(1);
    KeyPair next = issuer.key("k2", "secp256r1");
    String rotated =
        ScriptedIssuer.token(
            "ES256", "k2", next, claims(Map.of("exp", now.get().getEpochSecond() + 9000)));
    refused(tokens, rotated, Reason.KEY);
    assertThat(issuer.fetches()).isEqualTo(1);
    now.set(now.get().plusSeconds(30));
    assertThat(tokens.prove(rotated).await()).isNotNull();
    for (int i = 0; i < 5; i++) {
      refused(
          tokens, ScriptedIssuer.token("RS256", "k" + i + 9, key, claims(Map.of())), Reason.KEY);
    }
    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void keyThatIsGone_provesNothingOnceTheSetWasFetchedAgain() throws Exception {
    Tokens tokens = tokens();
    String token = token(Map.of("exp", now.get().getEpochSecond() + 9000));
    tokens.prove(token).await();
    issuer.forget("k1");
    issuer.key("k2", "RSA");
    now.set(now.get().plus(Duration.ofMinutes(59)));
    assertThat(tokens.prove(token).await()).isNotNull();
    now.set(now.get().plus(Duration.ofMinutes(1)));
    refused(tokens, token, Reason.KEY);
  }

  @Test
  void issuerThatIsDown_keysThatAreKnownCount_othersCannotBeJudged() throws Exception {
    Tokens tokens = tokens();
    String token = token(Map.of("exp", now.get().getEpochSecond() + 90_000));
    issuer.down(true);
    refused(tokens, token, Reason.UNAVAILABLE);
    issuer.down(false);
    assertThat(tokens.prove(token).await()).isNotNull();
    issuer.down(true);
    now.set(now.get().plus(Duration.ofHours(5)));
    assertThat(tokens.prove(token).await()).isNotNull();
    KeyPair other = issuer.key("k2", "RSA");
    String unknown = ScriptedIssuer.token("RS256", "k2", other, claims(Map.of()));
    refused(tokens, unknown, Reason.UNAVAILABLE);
    now.set(now.get().plusSeconds(30));
    refused(tokens, unknown, Reason.UNAVAILABLE);
    issuer.down(false);
    now.set(now.get().plusSeconds(30));
    assertThat(tokens.prove(unknown).await()).isNotNull();
  }

  @Test
  void documentsThatCannotBeBelieved_areNoKeys() throws Exception {
    issuer.named(issuer.address() + "/");
    refused(tokens(), token(Map.of()), Reason.UNAVAILABLE);
    issuer.named(issuer.address());
    for (String broken :
        List.of("[]", "{", "{\"keys\":[],\"pad\":\"" + "x".repeat(1 << 20) + "\"}")) {
      issuer.keySet(broken);
      refused(tokens(), token(Map.of()), Reason.UNAVAILABLE);
    }
    issuer.keySet("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"AQAB\",\"e\":\"AQAB\"},7]}");
    refused(tokens(), token(Map.of()), Reason.KEY);
  }
}
