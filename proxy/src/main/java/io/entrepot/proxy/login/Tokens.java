package io.entrepot.proxy.login;

import io.entrepot.oci.Digest;
import io.entrepot.registry.ExtraTrust;
import io.entrepot.registry.MachineTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tokens of OpenID Connect issuers as logins. Never blocks. */
public final class Tokens {

  private final List<OidcIssuer> issuers;
  private final List<IssuerKeys> keys = new ArrayList<>();
  private final Clock clock;

  /**
   * Asks nobody yet.
   *
   * @param trust authorities that certify issuers beside Java's and an issuer's own
   */
  public Tokens(Vertx vertx, List<OidcIssuer> issuers, MachineTrust trust, Clock clock) {
    this.issuers = List.copyOf(issuers);
    this.clock = clock;
    Map<String, Supplier<HttpClient>> clients = new HashMap<>();
    for (OidcIssuer issuer : issuers) {
      Path authorities = issuer.authorities();
      Supplier<HttpClient> client =
          clients.computeIfAbsent(
              String.valueOf(authorities), unused -> new LazyClient(vertx, authorities, trust));
      keys.add(new IssuerKeys(vertx, issuer.issuer(), client, clock));
    }
  }

  /** A client that is made when it is first asked for. */
  private static final class LazyClient implements Supplier<HttpClient> {

    private final Vertx vertx;
    private final @Nullable Path authorities;
    private final MachineTrust trust;
    private @Nullable HttpClient made;

    LazyClient(Vertx vertx, @Nullable Path authorities, MachineTrust trust) {
      this.vertx = vertx;
      this.authorities = authorities;
      this.trust = trust;
    }

    @Override
    public synchronized HttpClient get() {
      HttpClient client = made;
      if (client == null) {
        client =
            vertx.createHttpClient(
                new HttpClientOptions()
                    .setTrustOptions(ExtraTrust.of(authorities, trust))
                    .setVerifyHost(true)
                    .setForceSni(true)
                    .setKeepAliveTimeout(10));
        made = client;
      }
      return client;
    }
  }

  /** Whether a password is meant as a token. */
  public boolean isToken(String password) {
    return Token.isLike(password);
  }

  /**
   * Who shows a token.
   *
   * @return fails with {@link LoginException} for a token that is not let in
   */
  public Future<Visitor.TokenHolder> prove(String text) {
    Token token;
    SignatureAlgorithm algorithm;
    int index;
    try {
      token = Token.parse(text);
      algorithm = token.algorithm();
      index = issuerOf(token);
      token.requireTime(clock.instant());
    } catch (LoginException e) {
      return Future.failedFuture(e);
    }
    Digest key = Digest.of(text.getBytes(StandardCharsets.UTF_8));
    return keys.get(index)
        .find(token.kid())
        .map(
            set -> {
              if (set.proven().getIfPresent(key) == null) {
                requireSigned(token, algorithm, set);
                set.proven().put(key, true);
              }
              return new Visitor.TokenHolder(token.subject(), grants(token));
            });
  }

  private int issuerOf(Token token) {
    String issuer = token.issuer();
    boolean known = false;
    for (int i = 0; i < issuers.size(); i++) {
      if (issuers.get(i).issuer().equals(issuer)) {
        known = true;
        if (token.isFor(issuers.get(i).audience())) {
          return i;
        }
      }
    }
    throw known
        ? new LoginException(
            LoginException.Reason.AUDIENCE, "the token is not made for this registry (aud)")
        : new LoginException(
            LoginException.Reason.ISSUER, "nobody here knows the token's issuer (iss)");
  }

  private static void requireSigned(Token token, SignatureAlgorithm algorithm, KeySet set) {
    List<KeySet.Key> fitting =
        set.keys().stream().filter(key -> key.isFor(token.kid(), algorithm)).toList();
    if (fitting.isEmpty()) {
      throw new LoginException(
          LoginException.Reason.KEY, "the issuer has no key that the token can be signed with");
    }
    if (fitting.stream()
        .noneMatch(
            key ->
                algorithm.verifies(
                    key.key(), token.signed().getBytes(), token.signature().getBytes()))) {
      throw new LoginException(
          LoginException.Reason.SIGNATURE, "the token's signature is not its issuer's");
    }
  }

  /** Of every entry for the issuer and an audience that the token has. */
  private List<Grant> grants(Token token) {
    return issuers.stream()
        .filter(each -> each.issuer().equals(token.issuer()) && token.isFor(each.audience()))
        .flatMap(each -> each.grants().stream())
        .filter(token::fits)
        .toList();
  }
}
