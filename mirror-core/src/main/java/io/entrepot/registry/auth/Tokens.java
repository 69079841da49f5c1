package io.entrepot.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Bearer tokens: kept until shortly before they expire; one request to a realm serves everybody who
 * waits for the same token. Failures are not kept.
 */
final class Tokens {

  private static final int MAX = 10_000;

  /** What a token is for. */
  record Key(
      Peer peer,
      URI realm,
      String service,
      List<String> scopes,
      Optional<Credentials> credentials) {

    Key {
      scopes = List.copyOf(scopes);
    }
  }

  private final TokenEndpoint endpoint;
  private final Encryption encryption;
  private final CredentialLookup lookup;
  private final LongSupplier clock;
  private final Cache<Key, Token> tokens =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();
  private final SingleFlight<Key, Token> requests = new SingleFlight<>();

  Tokens(
      TokenEndpoint endpoint, Encryption encryption, CredentialLookup lookup, LongSupplier clock) {
    this.endpoint = endpoint;
    this.encryption = encryption;
    this.lookup = lookup;
    this.clock = clock;
  }

  /**
   * The header of the first token that is at hand, else that of a new token for the first key.
   *
   * @param sufficient keys whose tokens serve the request, the narrowest first
   * @param rejected a header that the registry did not take; its token is forgotten
   */
  Future<Secret> header(List<Key> sufficient, Optional<Secret> rejected) {
    for (Key key : sufficient) {
      Token token = tokens.getIfPresent(key);
      if (token == null) {
        continue;
      }
      if (rejected.filter(token.header()::equals).isPresent() || !isUsable(token)) {
        tokens.asMap().remove(key, token);
      } else {
        return Future.succeededFuture(token.header());
      }
    }
    Key first = sufficient.getFirst();
    return requests
        .run(
            first,
            () -> Optional.ofNullable(tokens.getIfPresent(first)).filter(this::isUsable),
            () -> request(first).onSuccess(token -> tokens.put(first, token)))
        .map(Token::header);
  }

  private boolean isUsable(Token token) {
    return token.isUsable(clock.getAsLong());
  }

  private Future<Token> request(Key key) {
    Origin realm = Origin.of(key.realm);
    key.credentials.ifPresent(credentials -> encryption.require(key.peer, realm, credentials));
    long askedAt = clock.getAsLong();
    return endpoint
        .request(TokenRequest.of(key.realm, key.service, key.scopes, key.credentials))
        .map(
            answer -> {
              if (answer.status() == 200 || answer.status() == 201) {
                return Token.parse(answer.body(), askedAt, realm);
              }
              throw refused(key, realm, answer.status());
            });
  }

  private AuthException refused(Key key, Origin realm, int status) {
    RegistryName registry = key.peer.registry();
    String asked = key.scopes.isEmpty() ? "" : " for " + String.join(" ", key.scopes);
    if (status != 401 && status != 403) {
      return new AuthException(
          AuthException.Reason.NOT_UNDERSTOOD,
          status,
          "the token realm %s of registry %s answered %d%s"
              .formatted(realm, registry, status, asked),
          null);
    }
    lookup.forget(registry);
    if (key.credentials.isEmpty()) {
      return new AuthException(
          AuthException.Reason.CREDENTIALS_REFUSED,
          status,
          "the token realm %s of registry %s gives nobody unknown a token%s (status %d), and no credentials are known for %s"
              .formatted(realm, registry, asked, status, registry),
          "log in with `docker login %s`, or configure `registries: %s: credentials:`; a public image may also be misspelt"
              .formatted(registry, registry));
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
}
