package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Answers registries that ask who is there: with tokens (distribution, "Token Authentication
 * Specification") or with Basic authentication. Safe for any thread; never blocks.
 *
 * <p>What it hands out is for the origin it was asked for. Tokens are kept until shortly before
 * they expire; one request to a token realm serves everybody who waits for the same token. Failures
 * are not kept. They are {@link AuthException}s, or what the {@link TokenEndpoint} failed with.
 */
public final class Authorizer {

  private static final int MAX_TOKENS = 10_000;
  private static final int MAX_ORIGINS = 1_000;
  private static final long CREDENTIALS_LIFE = TimeUnit.MINUTES.toNanos(5);
  private static final long LOOKUP_SECONDS = 60;

  private record Peer(Origin origin, RegistryName registry) {}

  private sealed interface Demand {}

  private record BasicDemand() implements Demand {}

  /** {@code challengeScopes} are what is asked for when the request itself does not know. */
  private record BearerDemand(URI realm, String service, List<String> challengeScopes)
      implements Demand {}

  private record TokenKey(
      Peer peer,
      URI realm,
      String service,
      List<String> scopes,
      Optional<Credentials> credentials) {}

  private record Found(Optional<Credentials> credentials, long usableUntil) {}

  private final Vertx vertx;
  private final CredentialSource source;
  private final RealmPolicy realms;
  private final Predicate<Origin> plainHttp;
  private final TokenEndpoint endpoint;
  private final LongSupplier clock;

  private final Cache<Peer, Demand> demands = bounded(MAX_ORIGINS);
  private final Cache<TokenKey, Token> tokens = bounded(MAX_TOKENS);
  private final Cache<RegistryName, Found> found = bounded(MAX_ORIGINS);
  private final SingleFlight<TokenKey, Token> tokenRequests = new SingleFlight<>();
  private final SingleFlight<RegistryName, Found> lookups = new SingleFlight<>();

  /**
   * @param vertx runs the look-ups of credentials, which block, on its worker threads
   * @param source where credentials come from; asked when a registry has challenged, not before
   * @param tokenRealms by registry: other origins that may issue its tokens
   * @param plainHttp origins that were configured with http:// in so many words, and may be given
   *     credentials unencrypted; loopback always may
   * @param endpoint sends the requests for tokens
   */
  public Authorizer(
      Vertx vertx,
      CredentialSource source,
      Function<RegistryName, Set<Origin>> tokenRealms,
      Predicate<Origin> plainHttp,
      TokenEndpoint endpoint) {
    this(vertx, source, tokenRealms, plainHttp, endpoint, System::nanoTime);
  }

  Authorizer(
      Vertx vertx,
      CredentialSource source,
      Function<RegistryName, Set<Origin>> tokenRealms,
      Predicate<Origin> plainHttp,
      TokenEndpoint endpoint,
      LongSupplier clock) {
    this.vertx = vertx;
    this.source = source;
    this.realms = new RealmPolicy(tokenRealms);
    this.plainHttp = plainHttp;
    this.endpoint = endpoint;
    this.clock = clock;
  }

  /**
   * The value of the {@code Authorization} header for the first try of a request; empty while the
   * origin has not challenged, or if it asked for Basic authentication and no credentials are
   * known. For an origin that has, a token is fetched if there is none.
   *
   * @param origin where the request goes
   * @param registry whose credentials are to be used
   * @param scope what the request needs
   */
  public Future<Optional<Secret>> authorization(Origin origin, RegistryName registry, Scope scope) {
    Peer peer = new Peer(origin, registry);
    Demand demand = demands.getIfPresent(peer);
    if (demand == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return SingleFlight.onCallersContext(
        () ->
            credentials(registry)
                .compose(
                    credentials -> answer(peer, scope, demand, credentials, Optional.empty())));
  }

  /**
   * What to send instead, after a 401. The rejected value is forgotten first. The request is to be
   * tried once with what comes; empty when there is nothing better to offer.
   *
   * @param challenges the {@code WWW-Authenticate} headers of the 401
   * @param rejected the header value that was sent, if any
   */
  public Future<Optional<Secret>> renew(
      Origin origin,
      RegistryName registry,
      Scope scope,
      List<String> challenges,
      Optional<Secret> rejected) {
    Peer peer = new Peer(origin, registry);
    return SingleFlight.onCallersContext(
        () -> {
          Challenge.Parsed parsed = Challenge.parse(challenges);
          Optional<Demand> demanded = demand(peer, parsed);
          if (demanded.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
          }
          boolean rejectedBasic =
              rejected.filter(value -> value.reveal().startsWith("Basic ")).isPresent();
          if (rejectedBasic) {
            found.invalidate(registry);
          }
          return credentials(registry)
              .compose(
                  credentials -> {
                    Demand demand =
                        keepsKnown(peer, parsed, credentials) ? known(peer) : demanded.get();
                    demands.put(peer, demand);
                    return answer(peer, scope, demand, credentials, rejected);
                  });
        });
  }

  private Optional<Demand> demand(Peer peer, Challenge.Parsed parsed) {
    Optional<Challenge> bearer = parsed.first("bearer", "realm");
    if (bearer.isPresent()) {
      Challenge challenge = bearer.get();
      URI realm =
          realms.trusted(
              peer.origin, peer.registry, challenge.parameters().getOrDefault("realm", ""));
      List<String> scopes =
          challenge
              .parameter("scope")
              .map(text -> List.of(text.trim().split("[ \t]+")))
              .orElse(List.of());
      return Optional.of(
          new BearerDemand(realm, challenge.parameter("service").orElse(""), scopes));
    }
    if (parsed.first("basic").isPresent()) {
      return Optional.of(new BasicDemand());
    }
    if (parsed.challenges().isEmpty() && parsed.ignored().isEmpty()) {
      return Optional.empty();
    }
    throw new AuthException(
        AuthException.Reason.NOT_UNDERSTOOD,
        401,
        "registry %s asks for authentication in a way that is not understood: %s"
            .formatted(
                peer.origin,
                parsed.challenges().isEmpty()
                    ? String.join("; ", parsed.ignored())
                    : "neither Basic nor Bearer with a realm"),
        null);
  }

  /**
   * Whether the challenge for an expired token is to be ignored: nvcr.io then names a realm that
   * serves nobody without credentials, where its first challenge named one that does.
   */
  private boolean keepsKnown(
      Peer peer, Challenge.Parsed parsed, Optional<Credentials> credentials) {
    return credentials.isEmpty()
        && demands.getIfPresent(peer) instanceof BearerDemand
        && parsed
            .first("bearer", "realm")
            .flatMap(challenge -> challenge.parameter("error"))
            .filter(error -> error.equals("invalid_token"))
            .isPresent();
  }

  private Demand known(Peer peer) {
    Demand known = demands.getIfPresent(peer);
    return known == null ? new BasicDemand() : known;
  }

  private Future<Optional<Secret>> answer(
      Peer peer,
      Scope scope,
      Demand demand,
      Optional<Credentials> credentials,
      Optional<Secret> rejected) {
    return switch (demand) {
      case BasicDemand() -> basicAnswer(peer, credentials, rejected);
      case BearerDemand bearer -> bearerAnswer(peer, scope, bearer, credentials, rejected);
    };
  }

  private Future<Optional<Secret>> basicAnswer(
      Peer peer, Optional<Credentials> credentials, Optional<Secret> rejected) {
    if (credentials.isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    Credentials known = credentials.get();
    if (known.identityToken()) {
      throw new AuthException(
          AuthException.Reason.CREDENTIALS_REFUSED,
          401,
          "registry %s asks for a user name and password, but what is known for %s is %s"
              .formatted(peer.origin, peer.registry, known.description()),
          "give a user name and a password for " + peer.registry);
    }
    mustBeEncrypted(peer, peer.origin, known);
    Secret header = basic(known);
    return Future.succeededFuture(
        rejected.filter(header::equals).isPresent() ? Optional.empty() : Optional.of(header));
  }

  private Future<Optional<Secret>> bearerAnswer(
      Peer peer,
      Scope scope,
      BearerDemand demand,
      Optional<Credentials> credentials,
      Optional<Secret> rejected) {
    List<TokenKey> keys = new ArrayList<>();
    for (List<String> scopes : sufficient(scope, demand)) {
      keys.add(new TokenKey(peer, demand.realm, demand.service, scopes, credentials));
    }
    for (TokenKey key : keys) {
      Token token = tokens.getIfPresent(key);
      if (token == null) {
        continue;
      }
      if (rejected.filter(token.header()::equals).isPresent() || !token.isUsable(now())) {
        tokens.asMap().remove(key, token);
      } else {
        return Future.succeededFuture(Optional.of(token.header()));
      }
    }
    return token(keys.getFirst()).map(token -> Optional.of(token.header()));
  }

  /** The scopes whose tokens serve a request, its own first. */
  private static List<List<String>> sufficient(Scope scope, BearerDemand demand) {
    List<String> own = scope.parameters();
    if (own.isEmpty()) {
      return List.of(demand.challengeScopes);
    }
    List<List<String>> all = new ArrayList<>();
    all.add(own);
    if (scope.repositories().size() == 1) {
      String path = scope.repositories().firstKey();
      EnumSet<Scope.Action> needed =
          EnumSet.copyOf(scope.repositories().sequencedValues().getFirst());
      for (EnumSet<Scope.Action> wider :
          List.of(
              EnumSet.of(Scope.Action.PULL, Scope.Action.PUSH),
              EnumSet.of(Scope.Action.PULL, Scope.Action.DELETE))) {
        if (wider.containsAll(needed) && !wider.equals(needed)) {
          TreeMap<String, Set<Scope.Action>> map = new TreeMap<>();
          map.put(path, wider);
          all.add(new Scope(map).parameters());
        }
      }
    }
    return all;
  }

  private Future<Token> token(TokenKey key) {
    return tokenRequests.run(
        key,
        () -> Optional.ofNullable(tokens.getIfPresent(key)).filter(token -> token.isUsable(now())),
        () -> requestToken(key).onSuccess(token -> tokens.put(key, token)));
  }

  private Future<Token> requestToken(TokenKey key) {
    Origin realm = Origin.of(key.realm);
    key.credentials.ifPresent(credentials -> mustBeEncrypted(key.peer, realm, credentials));
    long askedAt = now();
    return endpoint
        .request(request(key, realm))
        .map(
            answer -> {
              if (answer.status() == 200 || answer.status() == 201) {
                return Token.parse(answer.body(), askedAt, realm);
              }
              throw refused(key, realm, answer.status());
            });
  }

  private static TokenRequest request(TokenKey key, Origin realm) {
    StringBuilder query = new StringBuilder();
    Optional<Credentials> identity = key.credentials.filter(Credentials::identityToken);
    if (identity.isPresent()) {
      append(query, "grant_type", "refresh_token");
      append(query, "service", key.service);
      append(query, "client_id", "entrepot");
      if (!key.scopes.isEmpty()) {
        append(query, "scope", String.join(" ", key.scopes));
      }
      append(query, "refresh_token", identity.get().secret().reveal());
      return new TokenRequest(
          realm,
          withoutFragment(key.realm, ""),
          Optional.empty(),
          Optional.of(new Secret(query.toString())));
    }
    if (!key.service.isEmpty()) {
      append(query, "service", key.service);
    }
    key.scopes.forEach(scope -> append(query, "scope", scope));
    key.credentials.ifPresent(credentials -> append(query, "account", credentials.username()));
    return new TokenRequest(
        realm,
        withoutFragment(key.realm, query.toString()),
        key.credentials.map(Authorizer::basic),
        Optional.empty());
  }

  /** The realm's address with more in its query, and without a fragment. */
  private static URI withoutFragment(URI realm, String query) {
    String text = realm.toString();
    int fragment = text.indexOf('#');
    String address = fragment < 0 ? text : text.substring(0, fragment);
    if (query.isEmpty()) {
      return URI.create(address);
    }
    String separator = realm.getRawQuery() == null ? "?" : realm.getRawQuery().isEmpty() ? "" : "&";
    return URI.create(address + separator + query);
  }

  private static void append(StringBuilder query, String name, String value) {
    query.append(query.isEmpty() ? "" : "&").append(name).append('=');
    query.append(URLEncoder.encode(value, UTF_8).replace("+", "%20"));
  }

  private AuthException refused(TokenKey key, Origin realm, int status) {
    RegistryName registry = key.peer.registry;
    String asked = key.scopes.isEmpty() ? "" : " for " + String.join(" ", key.scopes);
    if (status != 401 && status != 403) {
      return new AuthException(
          AuthException.Reason.NOT_UNDERSTOOD,
          status,
          "the token realm %s of registry %s answered %d%s"
              .formatted(realm, registry, status, asked),
          null);
    }
    found.invalidate(registry);
    if (key.credentials.isEmpty()) {
      return new AuthException(
          AuthException.Reason.CREDENTIALS_REFUSED,
          status,
          "the token realm %s of registry %s gives nobody unknown a token%s (status %d), and no credentials are known for %s"
              .formatted(realm, registry, asked, status, registry),
          loginRemedy(registry));
    }
    Credentials credentials = key.credentials.get();
    return new AuthException(
        AuthException.Reason.CREDENTIALS_REFUSED,
        status,
        "the token realm %s of registry %s refused %s%s (status %d)"
            .formatted(realm, registry, credentials.description(), asked, status),
        "check that the credentials are still valid and may do this: correct them in %s, or log in again with `docker login %s`"
            .formatted(credentials.source(), registry));
  }

  private static String loginRemedy(RegistryName registry) {
    return "log in with `docker login %s`, or configure `registries: %s: credentials:`; a public image may also be misspelt"
        .formatted(registry, registry);
  }

  private void mustBeEncrypted(Peer peer, Origin target, Credentials credentials) {
    boolean loopback =
        target.host().equals("localhost")
            || target.host().endsWith(".localhost")
            || target.host().equals("[::1]")
            || target.host().matches("127(?:\\.[0-9]{1,3}){3}");
    if (!target.isSecure() && !loopback && !plainHttp.test(target)) {
      throw new AuthException(
          AuthException.Reason.INSECURE,
          0,
          "%s is not encrypted; %s for registry %s is not sent there"
              .formatted(target, credentials.description(), peer.registry),
          "use https, or configure `registries: %s: endpoints: [%s]` to accept that anybody on the way can read the password"
              .formatted(peer.registry, target));
    }
  }

  private Future<Optional<Credentials>> credentials(RegistryName registry) {
    Found known = found.getIfPresent(registry);
    if (known != null && known.usableUntil - now() > 0) {
      return Future.succeededFuture(known.credentials);
    }
    return lookups
        .run(registry, () -> lookUp(registry))
        .timeout(LOOKUP_SECONDS, TimeUnit.SECONDS)
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof java.util.concurrent.TimeoutException
                        ? new AuthException(
                            AuthException.Reason.CREDENTIALS_UNAVAILABLE,
                            0,
                            "the look-up of credentials for %s took more than %d s; a credential helper may be waiting for somebody"
                                .formatted(registry, LOOKUP_SECONDS),
                            null)
                        : failure))
        .map(Found::credentials);
  }

  private Future<Found> lookUp(RegistryName registry) {
    return vertx
        .executeBlocking(() -> source.find(registry), false)
        .map(credentials -> new Found(credentials, now() + CREDENTIALS_LIFE))
        .onSuccess(value -> found.put(registry, value));
  }

  private static Secret basic(Credentials credentials) {
    String pair = credentials.username() + ":" + credentials.secret().reveal();
    return new Secret("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  private static <K, V> Cache<K, V> bounded(int size) {
    return Caffeine.newBuilder().maximumSize(size).executor(Runnable::run).build();
  }

  private long now() {
    return clock.getAsLong();
  }
}
