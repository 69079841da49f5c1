package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Ticker;
import io.entrepot.proxy.login.LoginException;
import io.entrepot.proxy.login.LoginException.Reason;
import io.entrepot.proxy.login.Tokens;
import io.entrepot.proxy.login.Visitor;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who asks: the user or token whom a request names and proves. */
final class Identification {

  private final Access access;
  private final PasswordCheck passwords;
  private final WrongLogins wrong;

  Identification(Access access, ProxyMetrics metrics) {
    this.access = access;
    this.passwords = new PasswordCheck(access);
    this.wrong = new WrongLogins(metrics, Ticker.systemTicker());
  }

  /**
   * Notes who asks; a request without a login is nobody's.
   *
   * @return fails for a wrong login; null where there is nothing to wait for
   */
  @Nullable Future<Void> begin(Exchange exchange) {
    String header = exchange.header(HttpHeaders.AUTHORIZATION);
    if (access.isOpen() || header == null) {
      return null;
    }
    Optional<String> known = access.remembered(header);
    if (known.isPresent() || Access.isNobody(header)) {
      known.map(Visitor.User::new).ifPresent(exchange::user);
      return null;
    }
    String address = address(exchange);
    return prove(header, address)
        .recover(
            cause -> {
              if (cause instanceof LoginException login) {
                LoginException told = limited(address, login);
                wrong.note(address, told);
                return Future.failedFuture(refusal(told));
              }
              return Future.failedFuture(cause);
            })
        .map(
            visitor -> {
              exchange.user(visitor);
              return null;
            });
  }

  /** Where a request comes from. */
  static String address(Exchange exchange) {
    return exchange.request().remoteAddress() == null
        ? "-"
        : String.valueOf(exchange.request().remoteAddress().host());
  }

  /**
   * Nobody guesses a signature, so tokens are always looked at: a right one is let in beside wrong
   * logins from the same address.
   */
  private Future<Visitor> prove(String header, String address) {
    Tokens tokens = access.tokens();
    Optional<String> token = tokens == null ? Optional.empty() : token(tokens, header);
    if (tokens != null && token.isPresent()) {
      return tokens.prove(token.get()).map(holder -> holder);
    }
    if (wrong.isTooMany(address)) {
      return Future.failedFuture(new LoginException(Reason.LIMIT, "too many wrong logins"));
    }
    return passwords
        .prove(header)
        .map(
            user ->
                user.map(Visitor.User::new)
                    .orElseThrow(
                        () ->
                            new LoginException(
                                Reason.PASSWORD, "the user or the password is not right")));
  }

  /** The token of a header: it stands there itself, or as the password of any user. */
  private static Optional<String> token(Tokens tokens, String header) {
    return header.toLowerCase(Locale.ROOT).startsWith("bearer ")
        ? Optional.of(header.substring(7).strip())
        : Login.parse(header).map(Login::password).filter(tokens::isToken);
  }

  private LoginException limited(String address, LoginException cause) {
    return cause.reason() != Reason.UNAVAILABLE && wrong.isTooMany(address)
        ? new LoginException(Reason.LIMIT, "too many wrong logins")
        : cause;
  }

  private static ApiException refusal(LoginException cause) {
    return switch (cause.reason()) {
      case LIMIT ->
          new ApiException(
              ErrorCode.TOOMANYREQUESTS,
              ErrorCode.TOOMANYREQUESTS.status(),
              "too many wrong logins from your address; come again in a minute",
              List.of(new Header("Retry-After", Long.toString(WrongLogins.WINDOW.toSeconds()))));
      case UNAVAILABLE ->
          new ApiException(
              ErrorCode.UNAVAILABLE,
              ErrorCode.UNAVAILABLE.status(),
              String.valueOf(cause.getMessage()),
              List.of(new Header("Retry-After", "30")));
      case PASSWORD -> challenge();
      default -> challenge(String.valueOf(cause.getMessage()));
    };
  }

  /** Throws for a nobody where not everybody may read: clients learn here that they must log in. */
  void requireSomebody(Exchange exchange) {
    if (access.isOpen() || access.mayRead(null, "")) {
      return;
    }
    Visitor visitor = exchange.user();
    if (visitor == null) {
      throw challenge();
    }
    if (visitor instanceof Visitor.TokenHolder holder && holder.grants().isEmpty()) {
      throw new ApiException(
          ErrorCode.DENIED, "nothing is allowed to a token with these claims (oidc: allow:)");
    }
  }

  static ApiException challenge() {
    return challenge("a user name and password are needed");
  }

  private static ApiException challenge(String message) {
    return new ApiException(
        ErrorCode.UNAUTHORIZED,
        ErrorCode.UNAUTHORIZED.status(),
        message,
        List.of(new Header("WWW-Authenticate", "Basic realm=\"entrepot\"")));
  }
}
