package io.entrepot.proxy;

import io.entrepot.proxy.ProxySettings.Tls;
import io.entrepot.proxy.handler.Access;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The server's certificate and its users, read again when their files change. What cannot be used
 * is reported once, and what was read before counts.
 *
 * <p>Reading blocks; {@link #refresh} is called by one thread at a time.
 */
final class Keyring {

  private static final Logger LOG = System.getLogger(Keyring.class.getName());

  /** Bytes of a file; certificates with their chains and long lists of users are far below. */
  private static final int MAX_FILE = 1024 * 1024;

  /** Asked only where there is a certificate to try. */
  private final Supplier<Vertx> loops;

  private final ProxySettings settings;
  private final Access access;
  private final @Nullable KeyCertOptions certificate;
  private List<String> seenTls;
  private List<String> seenUsers;

  private Keyring(Supplier<Vertx> loops, ProxySettings settings) {
    this.loops = loops;
    this.settings = settings;
    // Before the files are read: a change in between is a change.
    this.seenTls = states(tlsFiles());
    this.seenUsers = states(userFiles());
    Path users = settings.guard().users();
    this.access =
        users == null
            ? Access.open()
            : Access.of(read(users, "the users").toString(), settings.guard().rules());
    Tls tls = settings.listening().tls();
    this.certificate = tls == null ? null : certificate(tls);
  }

  /**
   * Reads the files that the settings name.
   *
   * @throws IllegalArgumentException where one is missing or cannot be used, naming it
   */
  static Keyring read(Supplier<Vertx> loops, ProxySettings settings) {
    return new Keyring(loops, settings);
  }

  /** Who may do what; it stays the same object. */
  Access access() {
    return access;
  }

  /** What was read at first; null for plain HTTP. */
  @Nullable KeyCertOptions certificate() {
    return certificate;
  }

  /**
   * Reads files that changed.
   *
   * @param install takes a certificate that is to be shown from now on
   */
  void refresh(Consumer<KeyCertOptions> install) {
    List<String> tlsFiles = states(tlsFiles());
    List<String> userFiles = states(userFiles());
    Tls tls = settings.listening().tls();
    if (tls != null && !tlsFiles.equals(seenTls)) {
      seenTls = tlsFiles;
      attempt("the certificate", () -> install.accept(certificate(tls)));
    }
    Path users = settings.guard().users();
    if (users != null && !userFiles.equals(seenUsers)) {
      seenUsers = userFiles;
      attempt("the list of users", () -> access.replace(read(users, "the users").toString()));
    }
  }

  private static void attempt(String what, Runnable reading) {
    try {
      reading.run();
      LOG.log(Level.INFO, "{0} changed and was read again", what);
    } catch (IllegalArgumentException e) {
      LOG.log(Level.ERROR, "{0} changed; what it was before counts: {1}", what, e.getMessage());
    }
  }

  private List<Path> tlsFiles() {
    Tls tls = settings.listening().tls();
    return tls == null ? List.of() : List.of(tls.certificate(), tls.key());
  }

  private List<Path> userFiles() {
    return Stream.ofNullable(settings.guard().users()).toList();
  }

  /** What differs when a file was written, replaced, or is reached by another link. */
  private static List<String> states(List<Path> files) {
    return files.stream()
        .map(
            file -> {
              try {
                BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
                return "%s %d %s"
                    .formatted(found.lastModifiedTime(), found.size(), found.fileKey());
              } catch (IOException e) {
                return "cannot be read";
              }
            })
        .toList();
  }

  private static Buffer read(Path file, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE + 1);
      if (bytes.length > MAX_FILE) {
        throw new IllegalArgumentException(
            "cannot read %s: %s is larger than 1 MiB".formatted(what, file));
      }
      return Buffer.buffer(bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot read %s: %s"
              .formatted(
                  what,
                  e instanceof NoSuchFileException
                      ? e.getMessage() + ": no such file"
                      : String.valueOf(e)),
          e);
    }
  }

  private KeyCertOptions certificate(Tls tls) {
    PemKeyCertOptions options =
        new PemKeyCertOptions()
            .setCertValue(read(tls.certificate(), "the certificate"))
            .setKeyValue(read(tls.key(), "the certificate's key"));
    boolean fit;
    try {
      fit =
          Arrays.stream(options.getKeyManagerFactory(loops.get()).getKeyManagers())
              .flatMap(each -> each instanceof X509KeyManager one ? Stream.of(one) : Stream.empty())
              .allMatch(Keyring::fits);
    } catch (Exception e) {
      // Not the message of what reads keys: it may quote one.
      throw new IllegalArgumentException(
          "%s and %s are not a certificate and its key in PEM (%s)"
              .formatted(tls.certificate(), tls.key(), e.getClass().getSimpleName()));
    }
    if (!fit) {
      throw new IllegalArgumentException(
          "%s is not the key of the certificate %s".formatted(tls.key(), tls.certificate()));
    }
    return options;
  }

  /** Whether what the key signs is proved by the certificate; the first of a chain is meant. */
  private static boolean fits(X509KeyManager keys) {
    for (String kind : List.of("RSA", "EC", "EdDSA")) {
      String[] aliases = keys.getServerAliases(kind, null);
      for (String alias : aliases == null ? new String[0] : aliases) {
        PrivateKey key = keys.getPrivateKey(alias);
        PublicKey shown = keys.getCertificateChain(alias)[0].getPublicKey();
        if (key == null || !key.getAlgorithm().equals(shown.getAlgorithm()) || !pair(key, shown)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean pair(PrivateKey key, PublicKey shown) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update((byte) 1);
      byte[] signed = signature.sign();
      signature.initVerify(shown);
      signature.update((byte) 1);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
