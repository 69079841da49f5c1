package io.entrepot.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Answers registries that ask who is there: with tokens (distribution, "Token Authentication
 * Specification") or with Basic authentication. Safe for any thread; never blocks.
 *
 * <p>What it hands out is for the origin it was asked for. {@link Tokens} keeps tokens, {@link
 * CredentialLookup} credentials, {@link RealmPolicy} says which realms are asked. Failures are
 * {@link AuthException}s, or what the {@link TokenEndpoint} failed with.
 */
public final class Authorizer {

  private static final int MAX_ORIGINS = 1_000;

  /** How an origin wants to be told. */
  private sealed interface Demand {}

  private record BasicDemand() implements Demand {}

  /** {@code challengeScopes} are what is asked for when the request itself does not know. */
  private record BearerDemand(URI realm, String service, List<String> challengeScopes)
      implements Demand {}

  private final RealmPolicy realms;
  private final Encryption encryption;
  private final CredentialLookup lookup;
  private final Tokens tokens;
  private final Cache<Peer, Demand> demands =
      Caffeine.newBuilder().maximumSize(MAX_ORIGINS).executor(Runnable::run).build();

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
    this.realms = new RealmPolicy(tokenRealms);
    this.encryption = new Encryption(plainHttp);
    this.lookup = new CredentialLookup(vertx, source, clock);
    this.tokens = new Tokens(endpoint, encryption, lookup, clock);
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
            lookup
                .find(registry, scope.path())
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
            lookup.forget(registry);
          }
          return lookup
              .find(registry, scope.path())
              .compose(
                  credentials -> {
                    Demand demand =
                        keepsKnown(peer, parsed, credentials) ? known(peer) : demanded.get();
                    demands.put(peer, demand);
                    return answer(peer, scope, demand, credentials, rejected);
                  });
        });
  }

  /**
   * A token that nobody's credentials are asked for, for the host to which a registry redirected;
   * from that host's own realm. Empty where the host wants anything else.
   *
   * @param origin the host that challenged
   * @param challenges the {@code WWW-Authenticate} headers of its 401
   */
  public Future<Optional<Secret>> anonymous(Origin origin, List<String> challenges) {
    Peer peer = new Peer(origin, origin.registryName());
    return SingleFlight.onCallersContext(
        () ->
            demand(peer, Challenge.parse(challenges)).orElse(null) instanceof BearerDemand bearer
                ? bearer(peer, Scope.NONE, bearer, Optional.empty(), Optional.empty())
                : Future.succeededFuture(Optional.empty()));
  }

  private Optional<Demand> demand(Peer peer, Challenge.Parsed parsed) {
    Optional<Challenge> bearer = parsed.first("bearer", "realm");
    if (bearer.isPresent()) {
      Challenge challenge = bearer.get();
      URI realm =
          realms.trusted(
              peer.origin(), peer.registry(), challenge.parameters().getOrDefault("realm", ""));
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
                peer.origin(),
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
      case BasicDemand() -> basic(peer, credentials, rejected);
      case BearerDemand bearer -> bearer(peer, scope, bearer, credentials, rejected);
    };
  }

  private Future<Optional<Secret>> basic(
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
              .formatted(peer.origin(), peer.registry(), known.description()),
          "give a user name and a password for " + peer.registry());
    }
    encryption.require(peer, peer.origin(), known);
    Secret header = known.basicHeader();
    return Future.succeededFuture(
        rejected.filter(header::equals).isPresent() ? Optional.empty() : Optional.of(header));
  }

  private Future<Optional<Secret>> bearer(
      Peer peer,
      Scope scope,
      BearerDemand demand,
      Optional<Credentials> credentials,
      Optional<Secret> rejected) {
    List<Tokens.Key> keys =
        sufficient(scope, demand).stream()
            .map(scopes -> new Tokens.Key(peer, demand.realm, demand.service, scopes, credentials))
            .toList();
    return tokens.header(keys, rejected).map(Optional::of);
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
}
