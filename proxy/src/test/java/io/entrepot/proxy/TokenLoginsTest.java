package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.login.Anonymous;
import io.entrepot.proxy.login.Grant;
import io.entrepot.proxy.login.OidcIssuer;
import io.entrepot.proxy.login.Right;
import io.entrepot.proxy.login.ScriptedIssuer;
import io.entrepot.registry.MachineTrust;
import io.entrepot.text.Glob;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens as logins of a running registry. */
class TokenLoginsTest {

  private static final byte[] BLOB = "blob".getBytes(UTF_8);

  @TempDir private Path directory;

  private RunningProxy proxy(ScriptedIssuer issuer, @Nullable Path ca, @Nullable Path users) {
    List<Grant> grants =
        List.of(
            new Grant(
                Map.of("repository", Glob.ofName("acme/*")),
                Glob.ofName("team/*"),
                Set.of(Right.READ, Right.WRITE)),
            new Grant(
                Map.of("repository", Glob.ofName("acme/janitor")),
                Glob.ofName("team/*"),
                Set.of(Right.DELETE)));
    List<Access.Rule> rules =
        List.of(
            new Access.Rule("public/*", List.of("*"), List.of("alice")),
            new Access.Rule("*", List.of("alice"), List.of("alice")));
    return RunningProxy.start(
        directory.resolve("store"),
        settings ->
            settings.with(
                new ProxySettings.Guard(
                    users,
                    rules,
                    List.of(new OidcIssuer(issuer.address(), "entrepot", grants, ca)),
                    MachineTrust.JAVA,
                    Anonymous.AS_RULED)),
        Duration.ofMinutes(5));
  }

  private static String bearer(ScriptedIssuer issuer, KeyPair key, String repository)
      throws Exception {
    return "Bearer "
        + ScriptedIssuer.token(
            "RS256", "k1", key, issuer.claims(Instant.now(), Map.of("repository", repository)));
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static HttpResponse<byte[]> send(
      RunningProxy proxy, String method, String target, byte[] body, String login)
      throws Exception {
    return proxy.send(method, target, body, "Authorization", login);
  }

  private static int status(RunningProxy proxy, String method, String target, String login)
      throws Exception {
    return send(proxy, method, target, new byte[0], login).statusCode();
  }

  private static int push(RunningProxy proxy, String repository, String login) throws Exception {
    return send(
            proxy,
            "POST",
            "/v2/%s/blobs/uploads/?digest=%s".formatted(repository, Digest.of(BLOB)),
            BLOB,
            login)
        .statusCode();
  }

  @Test
  void token_hasTheRightsOfItsClaims_andWhatEverybodyMayRead() throws Exception {
    try (ScriptedIssuer issuer = ScriptedIssuer.start();
        RunningProxy proxy = proxy(issuer, null, null)) {
      KeyPair key = issuer.key("k1", "RSA");
      String shop = bearer(issuer, key, "acme/shop");
      String janitor = basic("anybody", bearer(issuer, key, "acme/janitor").substring(7));
      String stranger = bearer(issuer, key, "evil/acme/shop");
      String blob = "/v2/team/app/blobs/" + Digest.of(BLOB);
      assertThat(proxy.get("/v2/").statusCode()).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", shop)).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/", stranger)).isEqualTo(403);
      assertThat(push(proxy, "team/app", shop)).isEqualTo(201);
      assertThat(push(proxy, "team/app", stranger)).isEqualTo(403);
      assertThat(push(proxy, "public/app", shop)).isEqualTo(403);
      assertThat(push(proxy, "elsewhere/app", shop)).isEqualTo(403);
      assertThat(status(proxy, "GET", blob, shop)).isEqualTo(200);
      assertThat(status(proxy, "GET", blob, stranger)).isEqualTo(403);
      assertThat(status(proxy, "GET", "/v2/public/app/tags/list", stranger)).isEqualTo(404);
      assertThat(status(proxy, "GET", "/", stranger)).isEqualTo(403);
      assertThat(status(proxy, "GET", "/api/v1/overview", shop)).isEqualTo(200);
      assertThat(status(proxy, "DELETE", blob, shop)).isEqualTo(403);
      assertThat(status(proxy, "DELETE", blob, janitor)).isEqualTo(202);
      assertThat(issuer.fetches()).isEqualTo(1);
    }
  }

  @Test
  void tokenOfSixKibibytes_isTaken_asPasswordToo() throws Exception {
    try (ScriptedIssuer issuer = ScriptedIssuer.start();
        RunningProxy proxy = proxy(issuer, null, null)) {
      KeyPair key = issuer.key("k1", "RSA");
      String token =
          ScriptedIssuer.token(
              "RS256",
              "k1",
              key,
              issuer.claims(
                  Instant.now(), Map.of("repository", "acme/shop", "groups", "g".repeat(4000))));
      assertThat(token.length()).isBetween(5_700, 6_144);
      assertThat(status(proxy, "GET", "/v2/", "Bearer " + token)).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/", basic("oauth2accesstoken", token))).isEqualTo(200);
    }
  }

  @Test
  void issuerWithAnAuthorityOfItsOwn_isBelievedThroughIt() throws Exception {
    TestCertificate certificate = TestCertificate.in(directory);
    try (ScriptedIssuer issuer =
            ScriptedIssuer.start(certificate.tls().certificate(), certificate.tls().key());
        RunningProxy proxy = proxy(issuer, certificate.tls().certificate(), null)) {
      String token = bearer(issuer, issuer.key("k1", "RSA"), "acme/shop");
      assertThat(status(proxy, "GET", "/v2/", token)).isEqualTo(200);
    }
    try (ScriptedIssuer issuer =
            ScriptedIssuer.start(certificate.tls().certificate(), certificate.tls().key());
        RunningProxy proxy = proxy(issuer, null, null)) {
      String token = bearer(issuer, issuer.key("k1", "RSA"), "acme/shop");
      assertThat(status(proxy, "GET", "/v2/", token)).isEqualTo(503);
    }
  }

  @Test
  void issuerThatIsDown_is503_whereTheKeysAreNotKnown() throws Exception {
    try (ScriptedIssuer issuer = ScriptedIssuer.start();
        RunningProxy proxy = proxy(issuer, null, null)) {
      String token = bearer(issuer, issuer.key("k1", "RSA"), "acme/shop");
      issuer.down(true);
      HttpResponse<byte[]> answer = send(proxy, "GET", "/v2/", new byte[0], token);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      issuer.down(false);
      assertThat(status(proxy, "GET", "/v2/", token)).isEqualTo(200);
    }
  }

  @Test
  void wrongLogins_tenAMinute_thenPasswordsAreNotLookedAt_rightTokensAre() throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "alice:" + BCrypt.withDefaults().hashToString(4, "right".toCharArray()) + "\n");
    try (ScriptedIssuer issuer = ScriptedIssuer.start();
        RunningProxy proxy = proxy(issuer, null, users);
        Told told = new Told()) {
      String token = bearer(issuer, issuer.key("k1", "RSA"), "acme/shop");
      String open = "/v2/public/app/tags/list";
      assertThat(proxy.get(open).statusCode()).isEqualTo(404);
      for (int i = 0; i < 5; i++) {
        assertThat(status(proxy, "GET", open, basic("alice", "wrong" + i))).isEqualTo(401);
        assertThat(status(proxy, "GET", open, token + "x")).isEqualTo(401);
      }
      HttpResponse<byte[]> more = send(proxy, "GET", open, new byte[0], basic("alice", "right"));
      assertThat(more.statusCode()).isEqualTo(429);
      assertThat(more.headers().firstValue("Retry-After")).contains("60");
      assertThat(status(proxy, "GET", open, token + "x")).isEqualTo(429);
      assertThat(status(proxy, "GET", "/v2/", token)).isEqualTo(200);
      assertThat(proxy.get(open).statusCode()).isEqualTo(404);
      assertThat(told.lines())
          .hasSize(10)
          .allSatisfy(line -> assertThat(line).contains("login from 127.0.0.1 refused ("))
          .noneSatisfy(line -> assertThat(line).containsAnyOf("wrong1", token.substring(7)));
      assertThat(new String(proxy.get("/metrics").body(), UTF_8))
          .contains("entrepot_login_failures_total{reason=\"password\"} 5.0")
          .contains("entrepot_login_failures_total{reason=\"signature\"} 5.0")
          .contains("entrepot_login_failures_total{reason=\"limit\"} 2.0");
    }
  }
}
