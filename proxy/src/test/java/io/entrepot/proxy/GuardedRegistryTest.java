package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.login.Anonymous;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.testing.TestRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what; TLS; names that may come from a default upstream. */
class GuardedRegistryTest {

  private static final byte[] BLOB = "blob".getBytes(UTF_8);
  private static final String ALICE = basic("alice", "secret-a");
  private static final String BOB = basic("bob", "secret-b");

  private Path directory;
  private TestRegistry hub;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    hub.addBlob("library/redis", BLOB);
    hub.addManifest("library/redis", "7", MediaType.OCI_INDEX, index(""));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private static byte[] index(String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]%s}"
        .formatted(MediaType.OCI_INDEX, more)
        .getBytes(UTF_8);
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static String line(String user, String password) {
    return "%s:%s\n".formatted(user, BCrypt.withDefaults().hashToString(4, password.toCharArray()));
  }

  private RunningProxy guarded() throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "# who\n" + line("alice", "secret-a") + line("bob", "secret-b"));
    List<Access.Rule> rules =
        List.of(
            new Access.Rule("team/*", List.of("alice"), List.of("alice")),
            new Access.Rule("docker.io/*", List.of("*"), List.of()),
            new Access.Rule("shared/*", List.of("alice", "bob"), List.of("bob")));
    return RunningProxy.start(
        directory.resolve("store"),
        settings -> settings.with(new ProxySettings.Guard(users, rules)),
        Duration.ofMinutes(5),
        hub);
  }

  private static int status(RunningProxy proxy, String method, String target, String... user)
      throws Exception {
    String[] headers = user.length == 0 ? user : new String[] {"Authorization", user[0]};
    return proxy.send(method, target, new byte[0], headers).statusCode();
  }

  private static void push(RunningProxy proxy, String repository, String user) throws Exception {
    HttpResponse<byte[]> put =
        proxy.send(
            "POST",
            "/v2/%s/blobs/uploads/?digest=%s".formatted(repository, Digest.of(BLOB)),
            BLOB,
            "Authorization",
            user);
    assertThat(put.statusCode()).isEqualTo(201);
  }

  @Test
  void strangers_areAskedForAName_wrongPasswordsAreRefused() throws Exception {
    try (RunningProxy proxy = guarded()) {
      HttpResponse<byte[]> asked = proxy.get("/v2/team/app/tags/list");
      assertThat(asked.statusCode()).isEqualTo(401);
      assertThat(asked.headers().firstValue("WWW-Authenticate"))
          .contains("Basic realm=\"entrepot\"");
      assertThat(status(proxy, "GET", "/v2/")).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", basic("alice", "secret-b"))).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", basic("mallory", "secret-a"))).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", "Bearer abc")).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", "Basic %%%")).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", ALICE)).isEqualTo(200);
      // Once more, now remembered.
      assertThat(status(proxy, "GET", "/v2/", ALICE)).isEqualTo(200);
    }
  }

  @Test
  void rules_decideByRepository_theFirstThatFitsCounts() throws Exception {
    try (RunningProxy proxy = guarded()) {
      push(proxy, "team/app", ALICE);
      push(proxy, "shared/app", BOB);
      String uploads = "/blobs/uploads/";
      String blob = "/blobs/" + Digest.of(BLOB);
      assertThat(status(proxy, "GET", "/v2/team/app" + blob, ALICE)).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/team/app" + blob, BOB)).isEqualTo(403);
      assertThat(status(proxy, "POST", "/v2/team/app" + uploads, BOB)).isEqualTo(403);
      assertThat(status(proxy, "DELETE", "/v2/shared/app" + blob, ALICE)).isEqualTo(403);
      assertThat(status(proxy, "GET", "/v2/shared/app" + blob, ALICE)).isEqualTo(200);
      // No rule fits: nobody may.
      assertThat(status(proxy, "POST", "/v2/elsewhere/app" + uploads, ALICE)).isEqualTo(403);
      assertThat(status(proxy, "GET", "/v2/docker.io/library/redis/manifests/7")).isEqualTo(200);
    }
  }

  @Test
  void pageOfAnotherSite_doesNothingWithTheLoginThatTheBrowserAdds() throws Exception {
    try (RunningProxy proxy = guarded()) {
      String upload = "/v2/shared/app/blobs/uploads/?digest=" + Digest.of(BLOB);
      for (String[] page :
          new String[][] {
            {"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}
          }) {
        HttpResponse<byte[]> sent =
            proxy.send("POST", upload, BLOB, "Authorization", BOB, page[0], page[1]);
        assertThat(sent.statusCode()).as(String.join(": ", page)).isEqualTo(403);
      }
      assertThat(status(proxy, "GET", "/v2/shared/app/blobs/" + Digest.of(BLOB), BOB))
          .isEqualTo(404);
      push(proxy, "shared/app", BOB);
    }
  }

  @Test
  void mount_fromARepositoryOneMayNotRead_isNoMount() throws Exception {
    try (RunningProxy proxy = guarded()) {
      push(proxy, "team/app", ALICE);
      String mount =
          "/v2/shared/app/blobs/uploads/?mount=%s&from=team/app".formatted(Digest.of(BLOB));
      assertThat(status(proxy, "POST", mount, BOB)).isEqualTo(202);
      assertThat(status(proxy, "GET", "/v2/shared/app/blobs/" + Digest.of(BLOB), BOB))
          .isEqualTo(404);
    }
  }

  @Test
  void catalog_namesWhatOneMayRead() throws Exception {
    try (RunningProxy proxy = guarded()) {
      push(proxy, "team/app", ALICE);
      push(proxy, "shared/app", BOB);
      String seen =
          new String(
              proxy.send("GET", "/v2/_catalog", new byte[0], "Authorization", BOB).body(), UTF_8);
      assertThat(seen).contains("shared/app").doesNotContain("team/app");
    }
  }

  @Test
  void passwords_appearInNoAnswerAndNoMetric() throws Exception {
    try (RunningProxy proxy = guarded()) {
      HttpResponse<byte[]> refused =
          proxy.send("GET", "/v2/team/x", new byte[0], "Authorization", basic("alice", "hunter2"));
      String page = new String(proxy.get("/metrics").body(), UTF_8);
      assertThat(new String(refused.body(), UTF_8) + page)
          .doesNotContain("hunter2")
          .doesNotContain("alice");
    }
  }

  @Test
  void defaultUpstream_servesWhatWasNotPushedHere_pushedNamesComeFirst() throws Exception {
    try (RunningProxy proxy =
        RunningProxy.start(
            directory.resolve("store"),
            settings ->
                settings.with(
                    new ProxySettings.Pulling(
                        settings.pulling().upstreams(),
                        settings.pulling().copies(),
                        Duration.ofMinutes(5),
                        RunningProxy.HUB)),
            Duration.ofMinutes(5),
            hub)) {
      String target = "/v2/library/redis/manifests/7";
      assertThat(Digest.of(proxy.get(target).body())).isEqualTo(Digest.of(index("")));
      assertThat(proxy.get("/v2/library/redis/blobs/" + Digest.of(BLOB)).body()).isEqualTo(BLOB);
      byte[] own = index(",\"annotations\":{\"own\":\"1\"}");
      assertThat(
              proxy
                  .send("PUT", target, own, "Content-Type", MediaType.OCI_INDEX.toString())
                  .statusCode())
          .isEqualTo(201);
      assertThat(proxy.get(target).body()).isEqualTo(own);
      assertThat(proxy.get("/v2/library/none/manifests/1").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void tls_isSpokenWithTheCertificateThatWasGiven() throws Exception {
    TestCertificate certificate = TestCertificate.in(directory);
    try (RunningProxy proxy =
        RunningProxy.start(
            directory.resolve("store"),
            settings ->
                settings.with(
                    new ProxySettings.Listening(
                        "127.0.0.1", 0, certificate.tls(), Set.of(), false)),
            Duration.ofMinutes(5),
            hub)) {
      assertThat(proxy.server().localUrl()).startsWith("https://127.0.0.1:");
      URI target =
          URI.create(
              proxy.server().localUrl() + "/v2/docker.io/library/redis/blobs/" + Digest.of(BLOB));
      for (HttpClient.Version version : HttpClient.Version.values()) {
        HttpResponse<byte[]> answer =
            HttpClient.newBuilder()
                .version(version)
                .sslContext(certificate.trusting())
                .build()
                .send(
                    HttpRequest.newBuilder(target).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.body()).isEqualTo(BLOB);
      }
    }
  }

  @Test
  void users_changeWithoutRestart_aListThatCannotBeUsedIsNot() throws Exception {
    try (RunningProxy proxy = guarded();
        Told told = new Told()) {
      Path users = directory.resolve("users");
      assertThat(status(proxy, "GET", "/v2/", ALICE)).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/", BOB)).isEqualTo(200);

      Files.writeString(users, "alice:plain-text\n");
      proxy.server().readAgain();
      proxy.server().readAgain();
      assertThat(told.lines())
          .singleElement()
          .asString()
          .startsWith(
              "SEVERE the list of users changed; what it was before counts: htpasswd line 1")
          .doesNotContain("plain-text");
      assertThat(status(proxy, "GET", "/v2/", ALICE)).isEqualTo(200);
      Files.writeString(users, "# nobody\n");
      proxy.server().readAgain();
      assertThat(status(proxy, "GET", "/v2/")).isEqualTo(401);

      Files.writeString(users, line("alice", "other") + line("carol", "secret-c"));
      proxy.server().readAgain();
      // Not even who was proven a moment ago.
      assertThat(status(proxy, "GET", "/v2/", ALICE)).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", BOB)).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/", basic("alice", "other"))).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/", basic("carol", "secret-c"))).isEqualTo(200);
      assertThat(told.lines()).filteredOn(line -> line.contains("the list of users")).hasSize(2);
      assertThat(told.lines()).filteredOn(line -> line.contains("login from")).hasSize(2);
    }
  }

  private RunningProxy opened(Anonymous anonymous, Access.Rule... rules) throws Exception {
    Path users = Files.writeString(directory.resolve("users"), line("alice", "secret-a"));
    return RunningProxy.start(
        directory.resolve("store"),
        settings -> settings.with(new ProxySettings.Guard(users, List.of(rules)).with(anonymous)),
        Duration.ofMinutes(5),
        hub);
  }

  @Test
  void anonymousReading_opensWhatNoRuleNamesReadersOf_andNoPush() throws Exception {
    try (RunningProxy proxy =
        opened(
            new Anonymous(true, null),
            new Access.Rule("secret/*", List.of("alice"), List.of("alice")),
            new Access.Rule("*", List.of(), List.of("alice")))) {
      push(proxy, "team/app", ALICE);
      push(proxy, "secret/app", ALICE);
      String blob = "/blobs/" + Digest.of(BLOB);
      assertThat(status(proxy, "GET", "/v2/")).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/team/app" + blob)).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/docker.io/library/redis/manifests/7")).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/secret/app" + blob)).isEqualTo(401);
      assertThat(status(proxy, "POST", "/v2/team/app/blobs/uploads/")).isEqualTo(401);
      assertThat(status(proxy, "DELETE", "/v2/team/app" + blob)).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/team/app" + blob, basic("alice", "wrong")))
          .isEqualTo(401);
    }
  }

  @Test
  void anonymousPulls_areLimited_thoseOfUsersAreNot() throws Exception {
    String target = "/v2/docker.io/library/redis/manifests/7";
    try (RunningProxy proxy = opened(new Anonymous(true, new PullRate(3, Duration.ofHours(1))))) {
      for (int i = 0; i < 3; i++) {
        assertThat(status(proxy, "GET", target)).isEqualTo(200);
        assertThat(status(proxy, "HEAD", target)).isEqualTo(200);
      }
      HttpResponse<byte[]> refused = proxy.get(target);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0))
          .isBetween(3500L, 3600L);
      assertThat(new String(refused.body(), UTF_8)).contains("TOOMANYREQUESTS", "log in");
      assertThat(status(proxy, "HEAD", target)).isEqualTo(200);
      assertThat(status(proxy, "GET", target, ALICE)).isEqualTo(200);
      assertThat(new String(proxy.get("/metrics").body(), UTF_8))
          .contains("entrepot_anonymous_pulls_refused_total 1.0");
    }
  }

  @Test
  void contentOfTheDefaultUpstream_needsTheRightsOfItsOwnName() throws Exception {
    Path users = Files.writeString(directory.resolve("users"), line("alice", "secret-a"));
    List<Access.Rule> rules =
        List.of(
            new Access.Rule("docker.io/*", List.of("alice"), List.of()),
            new Access.Rule("*", List.of("*"), List.of()));
    try (RunningProxy proxy =
        RunningProxy.start(
            directory.resolve("store"),
            settings ->
                settings
                    .with(new ProxySettings.Guard(users, rules))
                    .with(
                        new ProxySettings.Pulling(
                            settings.pulling().upstreams(),
                            settings.pulling().copies(),
                            Duration.ofMinutes(5),
                            RunningProxy.HUB)),
            Duration.ofMinutes(5),
            hub)) {
      for (String what :
          List.of(
              "manifests/7", "blobs/" + Digest.of(BLOB), "tags/list", "manifests/" + index7())) {
        String target = "/v2/redis/" + what;
        assertThat(status(proxy, "GET", target)).as(target).isEqualTo(404);
        assertThat(status(proxy, "GET", target, ALICE)).as(target).isEqualTo(200);
        assertThat(status(proxy, "GET", target))
            .as("now that it is here: " + target)
            .isEqualTo(404);
      }
      String referrers = "/v2/redis/referrers/" + index7();
      hub.addManifest(
          "library/redis",
          "signed",
          MediaType.OCI_INDEX,
          index(
              ",\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}"
                  .formatted(MediaType.OCI_INDEX, index7())));
      assertThat(new String(proxy.get(referrers, "Authorization", ALICE).body(), UTF_8))
          .contains("sha256:");
      assertThat(new String(proxy.get(referrers).body(), UTF_8)).contains("\"manifests\":[]");
    }
  }

  private static Digest index7() {
    return Digest.of(index(""));
  }

  @Test
  void blobThatAnIndexOfOnesOwnLists_isNotGivenAway() throws Exception {
    try (RunningProxy proxy = guarded()) {
      push(proxy, "team/app", ALICE);
      String digest = Digest.of(BLOB).toString();
      byte[] index =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":4}]}"
              .formatted(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, digest)
              .getBytes(UTF_8);
      assertThat(
              proxy
                  .send(
                      "PUT",
                      "/v2/shared/x/manifests/1",
                      index,
                      "Content-Type",
                      MediaType.OCI_INDEX.value(),
                      "Authorization",
                      BOB)
                  .statusCode())
          .isEqualTo(201);
      String mount = "/v2/shared/x/blobs/uploads/?from=shared/x&mount=" + digest;
      assertThat(status(proxy, "POST", mount, BOB)).isEqualTo(202);
      assertThat(status(proxy, "GET", "/v2/shared/x/blobs/" + digest, BOB)).isEqualTo(404);

      // The same through an upstream where anybody may push such an index.
      hub.addManifest("mallory/x", "1", MediaType.OCI_INDEX, index);
      assertThat(status(proxy, "GET", "/v2/docker.io/mallory/x/manifests/1")).isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/docker.io/mallory/x/blobs/" + digest)).isEqualTo(404);
      String other = "/v2/shared/x/blobs/uploads/?from=docker.io/mallory/x&mount=" + digest;
      assertThat(status(proxy, "POST", other, BOB)).isEqualTo(202);
      assertThat(status(proxy, "GET", "/v2/shared/x/blobs/" + digest, BOB)).isEqualTo(404);
    }
  }

  @Test
  void blobThatUpstreamHas_isMounted_andGivenOutAfterOneQuestion() throws Exception {
    try (RunningProxy proxy = guarded()) {
      String digest = Digest.of(BLOB).toString();
      String blob = "/v2/docker.io/library/redis/blobs/" + digest;
      assertThat(status(proxy, "GET", blob)).isEqualTo(200);
      proxy.settle();
      String mount = "/v2/shared/x/blobs/uploads/?from=docker.io/library/redis&mount=" + digest;
      assertThat(status(proxy, "POST", mount, BOB)).isEqualTo(201);
      assertThat(status(proxy, "GET", "/v2/shared/x/blobs/" + digest, BOB)).isEqualTo(200);
      assertThat(hub.count("HEAD blob")).isZero();
      assertThat(hub.count("GET blob")).isEqualTo(1);
    }
  }

  @Test
  void emptyNameAndPassword_areNoLogin() throws Exception {
    try (RunningProxy proxy = guarded()) {
      String nobody = basic("", "");
      assertThat(nobody).isEqualTo("Basic Og==");
      assertThat(status(proxy, "GET", "/v2/docker.io/library/redis/manifests/7", nobody))
          .isEqualTo(200);
      assertThat(status(proxy, "GET", "/v2/", nobody)).isEqualTo(401);
      assertThat(status(proxy, "GET", "/v2/team/app/tags/list", nobody)).isEqualTo(401);
    }
  }

  @Test
  void passwordThatBcryptCannotTake_isAWrongOne() throws Exception {
    try (RunningProxy proxy = guarded();
        Told log = new Told()) {
      for (String user : List.of("alice", "nobody")) {
        assertThat(status(proxy, "GET", "/v2/", basic(user, "x".repeat(100)))).isEqualTo(401);
      }
      assertThat(log.lines())
          .hasSize(2)
          .allSatisfy(line -> assertThat(line).contains("login from 127.0.0.1 refused (password)"));
    }
  }
}
