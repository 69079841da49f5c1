package io.entrepot.registry;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server whose certificate, host name included, Java's authorities vouch for, or those of
 * a registry's own {@code ca:}, or this machine's.
 */
final class AnyOfTrust extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager java;
  private final @Nullable X509ExtendedTrustManager own;
  private final MachineTrust machine;

  /**
   * @param own judges by what the configuration of the registry names, or null
   */
  AnyOfTrust(@Nullable X509ExtendedTrustManager own, MachineTrust machine) {
    this.java = TrustManagers.ofJava();
    this.own = own;
    this.machine = machine;
  }

  /** What one judge throws, or returns. */
  @FunctionalInterface
  private interface Check {
    void by(X509ExtendedTrustManager judge) throws CertificateException;
  }

  private void check(Check check) throws CertificateException {
    CertificateException first;
    try {
      check.by(java);
      return;
    } catch (CertificateException e) {
      first = e;
    }
    if (own != null && passes(check, own)) {
      return;
    }
    X509ExtendedTrustManager more;
    try {
      more = machine.manager().orElse(null);
    } catch (GeneralSecurityException e) {
      CertificateException unreadable = new CertificateException(e.getMessage());
      unreadable.addSuppressed(first);
      throw unreadable;
    }
    if (more == null || !passes(check, more)) {
      throw first;
    }
  }

  private static boolean passes(Check check, X509ExtendedTrustManager judge) {
    try {
      check.by(judge);
      return true;
    } catch (CertificateException e) {
      // The first judge's reason is told.
      return false;
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(judge -> judge.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(judge -> judge.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(judge -> judge.checkServerTrusted(chain, type));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw noServer();
  }

  private static CertificateException noServer() {
    return new CertificateException("this is a client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return java.getAcceptedIssuers();
  }
}
