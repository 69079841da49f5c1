package io.entrepot.ca;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The certificate that a server has of the local authority: issued when it is first asked for, and
 * again in the last third of its life, for other names, or of another root. Its key stays, so that
 * there is no moment in which the two do not fit.
 *
 * @param directory where {@code cert.pem} and {@code key.pem} lie
 * @param hosts names and addresses that it proves
 */
public record ServerCertificate(LocalAuthority authority, Path directory, List<String> hosts) {

  /** Copies. */
  public ServerCertificate {
    hosts = List.copyOf(hosts);
  }

  /**
   * @param host the address that the server listens on
   * @param hosts names and addresses that it is called by
   */
  public static ServerCertificate of(
      LocalAuthority authority, String host, int port, Collection<String> hosts) {
    return new ServerCertificate(
        authority, directory(authority.directory(), host, port), List.copyOf(new TreeSet<>(hosts)));
  }

  /** Where it lies below the authority's directory. */
  public static Path directory(Path authority, String host, int port) {
    return authority.resolve(
        "serve-%s-%d".formatted(host.replaceAll("[^A-Za-z0-9._-]", "_"), port));
  }

  /** The certificate's file. */
  public Path certificate() {
    return directory.resolve("cert.pem");
  }

  /** The key's file. */
  public Path key() {
    return directory.resolve("key.pem");
  }

  /**
   * Issues it where that is due.
   *
   * @return whether it was
   * @throws CaException for a host that the root forbids
   */
  public boolean ensure(Instant now) {
    return LocalAuthority.locked(
        authority.directory(),
        () -> {
          Optional<X509Certificate> present = CaFiles.certificate(certificate());
          Optional<KeyPair> keys = present.flatMap(leaf -> CaFiles.key(key(), leaf));
          if (present.isPresent() && keys.isPresent() && serves(present.get(), now)) {
            return false;
          }
          CaFiles.makeDirectory(directory);
          if (keys.isEmpty()) {
            authority.issue(hosts, directory, now);
          } else {
            CaFiles.writeCertificate(certificate(), authority.certify(hosts, keys.get(), now));
          }
          return true;
        });
  }

  private boolean serves(X509Certificate leaf, Instant now) {
    Instant start = leaf.getNotBefore().toInstant();
    Duration life = Duration.between(start, leaf.getNotAfter().toInstant());
    if (now.isBefore(start) || now.isAfter(start.plus(life.multipliedBy(2).dividedBy(3)))) {
      return false;
    }
    try {
      leaf.verify(authority.root().getPublicKey());
      Set<Object> proved = new TreeSet<>();
      for (List<?> name :
          Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of())) {
        proved.add(canonical(String.valueOf(name.get(1))));
      }
      Set<Object> wanted = new TreeSet<>();
      hosts.forEach(host -> wanted.add(canonical(host)));
      return proved.equals(wanted);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String canonical(String host) {
    return PermittedNames.address(host)
        .map(address -> String.valueOf(address.getHostAddress()))
        .orElseGet(() -> host.toLowerCase(java.util.Locale.ROOT));
  }
}
