package io.entrepot.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that this machine trusts beside the ones Java brings: the file in {@code
 * SSL_CERT_FILE}, else the bundle of the system. Other tools read the same files, so a company's
 * authority that is installed there works here too.
 *
 * <p>The file is read when a certificate is not trusted without it.
 */
public final class MachineTrust {

  /** Nothing beside Java's own. */
  public static final MachineTrust JAVA = new MachineTrust(null, List.of());

  /** Where systems keep their bundle; the first that is there counts. */
  private static final List<Path> BUNDLES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"), // Debian, Ubuntu, Alpine, Arch
          Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"), // Red Hat, Fedora
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"), // SUSE
          Path.of("/etc/ssl/cert.pem")); // macOS, OpenBSD

  private final @Nullable Path stated;
  private final List<Path> bundles;
  private @Nullable X509ExtendedTrustManager manager;
  private boolean looked;

  private MachineTrust(@Nullable Path stated, List<Path> bundles) {
    this.stated = stated;
    this.bundles = bundles;
  }

  /** As {@code SSL_CERT_FILE} says. */
  public static MachineTrust fromEnvironment(Map<String, String> environment) {
    String file = environment.getOrDefault("SSL_CERT_FILE", "");
    return file.isBlank() ? new MachineTrust(null, BUNDLES) : of(Path.of(file));
  }

  /** The authorities of a PEM file. */
  static MachineTrust of(Path file) {
    return new MachineTrust(file, List.of());
  }

  /**
   * What judges certificates by these authorities; empty where there are none.
   *
   * @throws GeneralSecurityException if the file cannot be read; the message names it
   */
  synchronized Optional<X509ExtendedTrustManager> manager() throws GeneralSecurityException {
    if (!looked) {
      Path file =
          stated == null
              ? bundles.stream().filter(Files::isReadable).findFirst().orElse(null)
              : stated;
      if (file != null) {
        try {
          manager = TrustManagers.of(file);
        } catch (IOException e) {
          throw new GeneralSecurityException(
              "cannot read the certificates in %s (%s)"
                  .formatted(file, e.getClass().getSimpleName()),
              e);
        }
      }
      looked = true;
    }
    return Optional.ofNullable(manager);
  }
}
