package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who asks: the user whom a request names and proves. */
final class Identification {

  private final Access access;
  private final PasswordCheck passwords;

  Identification(Access access) {
    this.access = access;
    this.passwords = new PasswordCheck(access);
  }

  /**
   * Notes the user of a request; one without a login has none.
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
      known.ifPresent(exchange::user);
      return null;
    }
    return passwords
        .prove(header)
        .map(
            user -> {
              exchange.user(user.orElseThrow(Identification::challenge));
              return null;
            });
  }

  /** Throws for a nobody where not everybody may read: clients learn here that they must log in. */
  void requireSomebody(Exchange exchange) {
    if (!access.isOpen() && exchange.user() == null && !access.mayRead(null, "")) {
      throw challenge();
    }
  }

  static ApiException challenge() {
    return new ApiException(
        ErrorCode.UNAUTHORIZED,
        ErrorCode.UNAUTHORIZED.status(),
        "a user name and password are needed",
        List.of(new Header("WWW-Authenticate", "Basic realm=\"entrepot\"")));
  }
}
