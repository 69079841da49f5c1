package io.entrepot.registry.auth;

import java.util.function.Predicate;

/** Keeps credentials off connections that everybody on the way can read. */
final class Encryption {

  private final Predicate<Origin> plainHttp;

  /**
   * @param plainHttp origins that the configuration spells with http; loopback needs no such word
   */
  Encryption(Predicate<Origin> plainHttp) {
    this.plainHttp = plainHttp;
  }

  /**
   * Checks that credentials may be sent to a target.
   *
   * @throws AuthException if the connection is plain and nobody asked for that
   */
  void require(Peer peer, Origin target, Credentials credentials) {
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
              .formatted(target, credentials.description(), peer.registry()),
          "use https, or configure `registries: %s: endpoints: [%s]` to accept that anybody on the way can read the password"
              .formatted(peer.registry(), target));
    }
  }
}
