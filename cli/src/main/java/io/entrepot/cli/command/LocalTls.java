package io.entrepot.cli.command;

import io.entrepot.ca.CaException;
import io.entrepot.ca.LocalAuthority;
import io.entrepot.ca.ServerCertificate;
import io.entrepot.cli.output.Console;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ProxySettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The certificate that {@code tls: auto} means: of this user's local authority. */
final class LocalTls {

  private static final Duration LOOK = Duration.ofHours(1);

  /** What every certificate proves: how clients on this machine and in k3d call the registry. */
  private static final List<String> USUAL =
      List.of("localhost", "127.0.0.1", "::1", "host.k3d.internal", "k3d-entrepot.localhost");

  private LocalTls() {}

  /**
   * A certificate that is there.
   *
   * @param renewal looks each hour whether a new one is due, until it is interrupted
   */
  record Issued(ProxySettings.Tls tls, Runnable renewal) {}

  /** The authority's directory by the XDG base directory specification. */
  static Path directory(Invocation context) {
    String data = context.environment().getOrDefault("XDG_DATA_HOME", "");
    Path base =
        data.isEmpty() ? context.home().resolve(".local/share") : context.directory().resolve(data);
    return base.resolve("entrepot/ca");
  }

  /** What clients have to trust. */
  static Path root(Invocation context) {
    return directory(context).resolve(LocalAuthority.ROOT);
  }

  /** Where the certificate of a server lies, whether it was issued already or not. */
  static ProxySettings.Tls expected(Invocation context, String host, int port) {
    Path directory = ServerCertificate.directory(directory(context), host, port);
    return new ProxySettings.Tls(
        directory.resolve("cert.pem"), directory.resolve("key.pem"), root(context));
  }

  /** Whether the local authority gives the certificate. */
  static boolean isMeant(Invocation context, ProxySettings.@Nullable Tls tls) {
    return tls != null && tls.root().equals(root(context));
  }

  /** Names and addresses that the certificate proves, without the host's own name. */
  static Set<String> hosts(String listen, Collection<RegistryName> names) {
    Set<String> hosts = new TreeSet<>(USUAL);
    if (!Set.of("0.0.0.0", "::", "").contains(listen)) {
      hosts.add(listen);
    }
    names.forEach(name -> hosts.add(name.host()));
    return hosts;
  }

  /**
   * Gives the server its certificate, which is issued first where that is due.
   *
   * @throws UsageException where the root forbids one of {@code names:}
   */
  static Issued certificate(Invocation context, ProxySettings.Listening listening) {
    Set<String> hosts = hosts(listening.host(), listening.names());
    try {
      LocalAuthority authority = LocalAuthority.openOrInit(directory(context), Instant.now());
      for (String host : hosts) {
        if (!authority.permits(host)) {
          throw new UsageException(
              "tls: auto: the local CA in %s may not vouch for %s. Move that directory away (after entrepot ca trust --undo), then: entrepot ca init --permit %s"
                  .formatted(authority.directory(), host, host));
        }
      }
      hosts.addAll(ownName(authority, context.console()));
      ServerCertificate certificate =
          ServerCertificate.of(authority, listening.host(), listening.port(), hosts);
      certificate.ensure(Instant.now());
      return new Issued(
          new ProxySettings.Tls(certificate.certificate(), certificate.key(), root(context)),
          () -> renewing(certificate, context.console()));
    } catch (CaException e) {
      throw new UsageException("tls: auto: " + e.getMessage());
    }
  }

  private static List<String> ownName(LocalAuthority authority, Console console) {
    String name;
    try {
      name = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return List.of();
    }
    if (authority.permits(name)) {
      return List.of(name);
    }
    console.note(
        "the certificate does not prove %s, this host's name: the local CA may not vouch for it (entrepot ca init --permit %s makes one that may)"
            .formatted(name, name));
    return List.of();
  }

  /** Looks each hour whether a new one is due; the server takes it up by itself. */
  private static void renewing(ServerCertificate certificate, Console console) {
    try {
      while (true) {
        Thread.sleep(LOOK);
        try {
          certificate.ensure(Instant.now());
        } catch (CaException e) {
          console.warn("the certificate is not renewed: " + e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
