package io.entrepot.registry;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom TLS trusts: Java's authorities, this machine's, and those of a registry's {@code ca:}. */
public final class ExtraTrust {

  private ExtraTrust() {}

  /** For registries whose configuration names no authority. */
  static TrustOptions standard(MachineTrust machine) {
    return TrustOptions.wrap(new AnyOfTrust(null, machine));
  }

  /**
   * For a server that is no registry.
   *
   * @param pem a file with authorities that it may be certified by too, or null
   * @throws RegistryException if the file cannot be read or holds no certificate
   */
  public static TrustOptions of(@Nullable Path pem, MachineTrust machine) {
    return pem == null ? standard(machine) : withOwn(pem, machine);
  }

  /**
   * TLS options that trust the authorities of a PEM file as well.
   *
   * @throws RegistryException if the file cannot be read or holds no certificate
   */
  static ClientSSLOptions options(Path pem, MachineTrust machine) {
    return new ClientSSLOptions()
        .setTrustOptions(withOwn(pem, machine))
        .setHostnameVerificationAlgorithm("HTTPS")
        .setUseAlpn(true);
  }

  private static TrustOptions withOwn(Path pem, MachineTrust machine) {
    try {
      X509ExtendedTrustManager own = TrustManagers.of(pem);
      return TrustOptions.wrap(new AnyOfTrust(own, machine));
    } catch (IOException | GeneralSecurityException e) {
      throw RegistryException.of(
              ErrorCode.UNREACHABLE,
              "cannot read the certificates in %s: %s".formatted(pem, e.getMessage()))
          .withRemedy("give ca: a PEM file with the certificate of the authority")
          .withCause(e);
    }
  }
}
