package io.entrepot.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizerTest {

  private static final RegistryName NAME = new RegistryName("reg.example");
  private static final Origin ORIGIN = Origin.of(NAME);
  private static final Repository REPOSITORY = new Repository(NAME, "a/b");
  private static final Scope PULL = Scope.pull(REPOSITORY);
  private static final String SAME =
      "Bearer realm=\"https://reg.example/token?x=%2F\",service=\"s v\"";
  private static final Credentials ANN = Credentials.basic("ann", "pass-word");

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong clock = new AtomicLong();
  private final List<TokenRequest> requests = new CopyOnWriteArrayList<>();
  private TokenEndpoint endpoint =
      request -> answer(200, "{\"token\":\"t" + requests.size() + "\",\"expires_in\":300}");
  private Set<Origin> realms = Set.of();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private static Future<TokenAnswer> answer(int status, String body) {
    return Future.succeededFuture(new TokenAnswer(status, Buffer.buffer(body)));
  }

  private Authorizer authorizer(Map<RegistryName, Credentials> credentials) {
    return new Authorizer(
        vertx,
        new ConfiguredCredentials(credentials),
        registry -> realms,
        origin -> origin.host().equals("plain.example"),
        request -> {
          requests.add(request);
          return endpoint.request(request);
        },
        clock::get);
  }

  private static Optional<String> await(Future<Optional<Secret>> future) {
    return future.await().map(Secret::reveal);
  }

  private static Optional<String> renew(Authorizer authorizer, String challenge) {
    return await(authorizer.renew(ORIGIN, NAME, PULL, List.of(challenge), Optional.empty()));
  }

  @Test
  void authorization_nothingKnown_nothingAsked() {
    assertThat(await(authorizer(Map.of(NAME, ANN)).authorization(ORIGIN, NAME, PULL))).isEmpty();
    assertThat(requests).isEmpty();
  }

  @Test
  void renew_anonymous_tokenKeptAndUsedBeforeBeingAsked() {
    Authorizer authorizer = authorizer(Map.of());
    assertThat(renew(authorizer, SAME)).hasValue("Bearer t1");
    assertThat(await(authorizer.authorization(ORIGIN, NAME, PULL))).hasValue("Bearer t1");
    Scope other = Scope.pull(new Repository(NAME, "c"));
    assertThat(await(authorizer.authorization(ORIGIN, NAME, other))).hasValue("Bearer t2");
    assertThat(requests.getFirst().uri())
        .isEqualTo(
            URI.create(
                "https://reg.example/token?x=%2F&service=s%20v&scope=repository%3Aa%2Fb%3Apull"));
    assertThat(requests.getFirst().authorization()).isEmpty();
    assertThat(requests.getFirst().method()).isEqualTo("GET");
  }

  @Test
  void renew_credentials_sentToTheRealmWithTheAccount() {
    assertThat(renew(authorizer(Map.of(NAME, ANN)), SAME)).hasValue("Bearer t1");
    assertThat(requests.getFirst().authorization().map(Secret::reveal))
        .hasValue("Basic YW5uOnBhc3Mtd29yZA==");
    assertThat(requests.getFirst().uri().getRawQuery()).endsWith("&account=ann");
    assertThat(requests.getFirst().toString()).doesNotContain("YW5u");
  }

  @Test
  void renew_namespaceWithItsOwnAccount_thatOneIsUsed() {
    CredentialSource source =
        new CredentialSource() {
          @Override
          public Optional<Credentials> find(RegistryName registry) {
            return Optional.of(ANN);
          }

          @Override
          public Accounts accounts(RegistryName registry) {
            return Accounts.of(Map.of("", ANN, "a", Credentials.basic("robot", "pw")));
          }
        };
    Authorizer authorizer =
        new Authorizer(vertx, source, registry -> realms, origin -> false, endpoint, clock::get);
    String challenge = "Basic realm=\"x\"";
    Scope inside = Scope.pull(new Repository(NAME, "a/b"));
    Scope outside = Scope.pull(new Repository(NAME, "c/b"));
    assertThat(await(authorizer.renew(ORIGIN, NAME, inside, List.of(challenge), Optional.empty())))
        .contains(Credentials.basic("robot", "pw").basicHeader().reveal());
    assertThat(await(authorizer.authorization(ORIGIN, NAME, outside)))
        .contains(ANN.basicHeader().reveal());
  }

  @Test
  void renew_identityToken_postedAsRefreshToken() {
    assertThat(renew(authorizer(Map.of(NAME, Credentials.identityToken("r+t"))), SAME)).isPresent();
    TokenRequest request = requests.getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.form().map(Secret::reveal))
        .hasValue(
            "grant_type=refresh_token&service=s%20v&client_id=entrepot"
                + "&scope=repository%3Aa%2Fb%3Apull&refresh_token=r%2Bt");
    assertThat(request.toString()).doesNotContain("r%2Bt");
  }

  @Test
  void renew_sixtyFourCallers_oneTokenRequest() {
    Promise<TokenAnswer> slow = Promise.promise();
    endpoint = request -> slow.future();
    Authorizer authorizer = authorizer(Map.of(NAME, ANN));
    List<Future<Optional<Secret>>> all = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      all.add(authorizer.renew(ORIGIN, NAME, PULL, List.of(SAME), Optional.empty()));
    }
    slow.complete(new TokenAnswer(200, Buffer.buffer("{\"access_token\":\"one\"}")));
    for (Future<Optional<Secret>> one : all) {
      assertThat(await(one)).hasValue("Bearer one");
    }
    assertThat(requests).hasSize(1);
  }

  @Test
  void renew_rejectedToken_replacedOnceForAll() {
    Authorizer authorizer = authorizer(Map.of());
    Optional<Secret> old =
        authorizer.renew(ORIGIN, NAME, PULL, List.of(SAME), Optional.empty()).await();
    for (int i = 0; i < 5; i++) {
      assertThat(await(authorizer.renew(ORIGIN, NAME, PULL, List.of(SAME), old)))
          .hasValue("Bearer t2");
    }
    assertThat(requests).hasSize(2);
  }

  @Test
  void authorization_pushToken_servesPull() {
    Authorizer authorizer = authorizer(Map.of());
    await(authorizer.renew(ORIGIN, NAME, Scope.push(REPOSITORY), List.of(SAME), Optional.empty()));
    assertThat(await(authorizer.authorization(ORIGIN, NAME, PULL))).hasValue("Bearer t1");
  }

  @Test
  void authorization_mount_asksForBothRepositories() {
    Scope scope = Scope.push(REPOSITORY).andPull(new Repository(NAME, "c"));
    await(authorizer(Map.of()).renew(ORIGIN, NAME, scope, List.of(SAME), Optional.empty()));
    assertThat(requests.getFirst().uri().getRawQuery())
        .endsWith("&scope=repository%3Aa%2Fb%3Apull%2Cpush&scope=repository%3Ac%3Apull");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"token\":\"t\"}', 50",
    "'{\"token\":\"t\",\"expires_in\":0}', 50",
    "'{\"token\":\"t\",\"expires_in\":-7}', 50",
    "'{\"token\":\"t\",\"expires_in\":\"x\"}', 50",
    "'{\"token\":\"t\",\"expires_in\":300}', 290",
    "'{\"token\":\"t\",\"expires_in\":\"300\"}', 290",
    "'{\"token\":\"t\",\"expires_in\":4}', 2",
    "'{\"token\":\"t\",\"expires_in\":1e300}', 86390",
  })
  void token_life_boundedAndEndsEarly(String body, long seconds) {
    endpoint = request -> answer(200, body);
    Authorizer authorizer = authorizer(Map.of());
    renew(authorizer, SAME);
    clock.set(TimeUnit.SECONDS.toNanos(seconds) - 1);
    await(authorizer.authorization(ORIGIN, NAME, PULL));
    assertThat(requests).hasSize(1);
    clock.set(TimeUnit.SECONDS.toNanos(seconds));
    await(authorizer.authorization(ORIGIN, NAME, PULL));
    assertThat(requests).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nope s3cret", "[]", "{\"token\":\"\"}", "{\"token\":\"s3cret\\r\\nX: y\"}"})
  void token_malformed_failsClearlyAndIsNotKept(String body) {
    endpoint = request -> answer(200, body);
    Authorizer authorizer = authorizer(Map.of());
    assertThatThrownBy(() -> renew(authorizer, SAME))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("https://reg.example")
        .hasMessageNotContaining("s3cret");
    endpoint = request -> answer(200, "{\"token\":\"fine\"}");
    assertThat(renew(authorizer, SAME)).hasValue("Bearer fine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/token",
        "http://reg.example/token",
        "https://reg.example:8443/token",
        "https://user:pw@reg.example/token",
        "https://10.0.0.1/token",
        "https://169.254.169.254/latest",
        "http://169.254.169.254/latest",
        "https://[fe80::1]/token",
        "https://reg.example.evil.example/token",
        "https://auth.docker.io/token",
        "file:///etc/passwd",
        "/token",
        "https://reg example/token",
      })
  void renew_foreignRealm_refusedAndNeverAsked(String realm) {
    for (Authorizer authorizer : List.of(authorizer(Map.of()), authorizer(Map.of(NAME, ANN)))) {
      assertThatThrownBy(() -> renew(authorizer, "Bearer realm=\"" + realm + "\""))
          .isInstanceOfSatisfying(
              AuthException.class,
              e -> assertThat(e.reason()).isEqualTo(AuthException.Reason.REALM_REFUSED))
          .hasMessageContaining("https://reg.example")
          .hasMessageNotContaining("pw@");
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void renew_foreignRealm_messageSaysWhatToConfigure() {
    assertThatThrownBy(() -> renew(authorizer(Map.of()), "Bearer realm=\"https://evil.example/t\""))
        .hasMessageContaining("registries: reg.example: tokenRealms: [https://evil.example]");
  }

  @Test
  void renew_configuredRealm_used() {
    realms = Set.of(new Origin("https", "id.example", 443));
    assertThat(renew(authorizer(Map.of()), "Bearer realm=\"https://id.example/t\"")).isPresent();
    assertThat(requests.getFirst().origin()).isEqualTo(new Origin("https", "id.example", 443));
  }

  @Test
  void renew_dockerHub_itsOwnPairWorks() {
    Origin hub = Origin.of(RegistryName.DOCKER_HUB);
    String challenge = "Bearer realm=\"https://auth.docker.io/token\",service=registry.docker.io";
    assertThat(
            await(
                authorizer(Map.of(NAME, ANN))
                    .renew(
                        hub, RegistryName.DOCKER_HUB, PULL, List.of(challenge), Optional.empty())))
        .isPresent();
    assertThat(requests.getFirst().authorization()).as("of another registry").isEmpty();
  }

  @Test
  void renew_credentialsRefused_saysWhoseAndForgetsThem() {
    endpoint = request -> answer(401, "{}");
    assertThatThrownBy(() -> renew(authorizer(Map.of(NAME, ANN)), SAME))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("'ann'")
        .hasMessageContaining("the configuration")
        .hasMessageNotContaining("pass-word");
    assertThat(ANN.toString()).doesNotContain("pass-word");
  }

  @Test
  void renew_basic_offeredOnceAndThenBeforeBeingAsked() {
    Authorizer authorizer = authorizer(Map.of(NAME, ANN));
    Optional<Secret> basic =
        authorizer.renew(ORIGIN, NAME, PULL, List.of("Basic realm=x"), Optional.empty()).await();
    assertThat(basic.map(Secret::reveal)).hasValue("Basic YW5uOnBhc3Mtd29yZA==");
    assertThat(authorizer.authorization(ORIGIN, NAME, PULL).await()).isEqualTo(basic);
    assertThat(authorizer.renew(ORIGIN, NAME, PULL, List.of("Basic realm=x"), basic).await())
        .isEmpty();
    assertThat(renew(authorizer(Map.of()), "Basic")).isEmpty();
    assertThat(requests).isEmpty();
  }

  @Test
  void renew_basicOverPlainHttp_onlyWhereConfiguredOrLoopback() {
    for (String host : List.of("plain.example", "127.0.0.1", "localhost")) {
      assertThat(plainBasic(host)).isPresent();
    }
    assertThatThrownBy(() -> plainBasic("other.example"))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("not encrypted");
  }

  private Optional<String> plainBasic(String host) {
    return await(
        authorizer(Map.of(NAME, ANN))
            .renew(new Origin("http", host, 80), NAME, PULL, List.of("Basic"), Optional.empty()));
  }

  @Test
  void renew_noKnownScheme_saysSo() {
    assertThatThrownBy(() -> renew(authorizer(Map.of()), "Negotiate"))
        .isInstanceOf(AuthException.class);
  }
}
