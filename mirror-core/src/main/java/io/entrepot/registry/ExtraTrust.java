package io.entrepot.registry;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Certificates trusted beside the ones Java brings. */
final class ExtraTrust {

  private ExtraTrust() {}

  /**
   * TLS options that trust Java's authorities and those of a PEM file.
   *
   * @throws RegistryException if the file cannot be read or holds no certificate
   */
  static ClientSSLOptions options(Path pem) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (X509Certificate authority : defaultAuthorities()) {
        store.setCertificateEntry("default-" + number++, authority);
      }
      Collection<? extends Certificate> extra;
      try (InputStream in = Files.newInputStream(pem)) {
        extra = CertificateFactory.getInstance("X.509").generateCertificates(in);
      }
      if (extra.isEmpty()) {
        throw new GeneralSecurityException("no certificate in it");
      }
      for (Certificate authority : extra) {
        store.setCertificateEntry("extra-" + number++, authority);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return new ClientSSLOptions()
          .setTrustOptions(TrustOptions.wrap(factory.getTrustManagers()[0]))
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

  private static X509Certificate[] defaultAuthorities() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }
}
