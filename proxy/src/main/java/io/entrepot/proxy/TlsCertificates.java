package io.entrepot.proxy;

import io.entrepot.proxy.ProxySettings.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** The server's certificate and its key, read again when their files change. */
final class TlsCertificates {

  private final Vertx vertx;
  private final WatchedFiles files;
  private final @Nullable Tls tls;
  private final @Nullable KeyCertOptions first;

  private TlsCertificates(Vertx vertx, @Nullable Tls tls) {
    this.vertx = vertx;
    this.tls = tls;
    this.files =
        new WatchedFiles(
            "the certificate", tls == null ? List.of() : List.of(tls.certificate(), tls.key()));
    this.first = tls == null ? null : certificate(tls);
  }

  /**
   * Reads the files that the settings name.
   *
   * @throws IllegalArgumentException where one is missing or cannot be used, naming it
   */
  static TlsCertificates read(Vertx vertx, ProxySettings.Listening listening) {
    return new TlsCertificates(vertx, listening.tls());
  }

  /** What was read at first; null for plain HTTP. */
  @Nullable KeyCertOptions first() {
    return first;
  }

  /**
   * Reads the files if one of them changed; blocks.
   *
   * @param install takes a certificate that is to be shown from now on
   */
  void refresh(Consumer<KeyCertOptions> install) {
    Tls configured = tls;
    if (configured != null) {
      files.refresh(() -> install.accept(certificate(configured)));
    }
  }

  private KeyCertOptions certificate(Tls tls) {
    PemKeyCertOptions options =
        new PemKeyCertOptions()
            .setCertValue(WatchedFiles.read(tls.certificate(), "the certificate"))
            .setKeyValue(WatchedFiles.read(tls.key(), "the certificate's key"));
    boolean fit;
    try {
      fit =
          Arrays.stream(options.getKeyManagerFactory(vertx).getKeyManagers())
              .flatMap(each -> each instanceof X509KeyManager one ? Stream.of(one) : Stream.empty())
              .allMatch(TlsCertificates::fits);
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
