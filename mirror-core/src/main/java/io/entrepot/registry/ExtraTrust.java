package io.entrepot.registry;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whom TLS trusts: Java's authorities, this machine's, and those of a registry's {@code ca:}. */
final class ExtraTrust {

  private ExtraTrust() {}

  /** For registries whose configuration names no authority. */
  static TrustOptions standard(MachineTrust machine) {
    return TrustOptions.wrap(new AnyOfTrust(null, machine));
  }

  /**
   * TLS options that trust the authorities of a PEM file as well.
   *
   * @throws RegistryException if the file cannot be read or holds no certificate
   */
  static ClientSSLOptions options(Path pem, MachineTrust machine) {
    try {
      X509ExtendedTrustManager own = TrustManagers.of(pem);
      return new ClientSSLOptions()
          .setTrustOptions(TrustOptions.wrap(new AnyOfTrust(own, machine)))
          .setHostnameVerificationAlgorithm("HTTPS")
          .setUseAlpn(true);
    } catch (IOException | GeneralSecurityException e) {
      throw RegistryException.of(
              ErrorCode.UNREACHABLE,
              "cannot read the certificates in %s: %s".formatted(pem, e.getMessage()))
          .withRemedy("give ca: a PEM file with the certificate of the authority")
          .withCause(e);
    }
  }
}
