package io.entrepot.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Judges of certificates, by where their authorities are written. */
final class TrustManagers {

  private TrustManagers() {}

  /** Read once: Java's authorities are some hundred and fifty certificates. */
  private static final class Java {
    static final X509ExtendedTrustManager JUDGE = read();

    private Java() {}

    private static X509ExtendedTrustManager read() {
      try {
        return of((KeyStore) null);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Java's own certificates cannot be read", e);
      }
    }
  }

  /** By the authorities that Java brings. */
  static X509ExtendedTrustManager ofJava() {
    return Java.JUDGE;
  }

  /** By the certificates of a PEM file. */
  static X509ExtendedTrustManager of(Path pem) throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> authorities;
    try (InputStream in = Files.newInputStream(pem)) {
      authorities = CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
    if (authorities.isEmpty()) {
      throw new GeneralSecurityException("no certificate in it");
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (Certificate authority : authorities) {
      store.setCertificateEntry("authority-" + number++, authority);
    }
    return of(store);
  }

  private static X509ExtendedTrustManager of(@Nullable KeyStore authorities)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager judge) {
        return judge;
      }
    }
    throw new GeneralSecurityException("Java has no X.509 trust manager");
  }
}
