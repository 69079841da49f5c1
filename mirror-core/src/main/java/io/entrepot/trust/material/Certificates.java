package io.entrepot.trust.material;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** X.509 certificates and their chains, by the JDK. */
public final class Certificates {

  /** Largest PEM file that is read, in bytes. */
  public static final int MAX_PEM_BYTES = 256 * 1024;

  /** Certificates between a signer and a root; real chains have one or two. */
  private static final int MAX_CHAIN = 8;

  private Certificates() {}

  /**
   * Reads one certificate from DER.
   *
   * @throws BrokenSignatureException for anything else
   */
  public static X509Certificate parse(Bytes der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      if (factory.generateCertificate(new ByteArrayInputStream(der.toArray()))
          instanceof X509Certificate read) {
        return read;
      }
      throw new BrokenSignatureException("a certificate is not X.509");
    } catch (CertificateException e) {
      throw new BrokenSignatureException("a certificate cannot be read: " + e.getMessage(), e);
    }
  }

  /** The certificates of a PEM text, in its order. */
  public static List<X509Certificate> parsePem(String text) {
    return Pem.blocks(text, "CERTIFICATE").stream().map(Certificates::parse).toList();
  }

  /**
   * Whether a chain leads from a certificate to a root, as of a moment (RFC 5280, section 6,
   * without revocation: certificates that live for minutes are not revoked).
   *
   * @param others certificates that may stand between, in any order; nothing about them is believed
   * @throws BrokenSignatureException if no chain holds; says why
   */
  public static void requireChain(
      X509Certificate leaf, List<X509Certificate> others, X509Certificate root, Instant at) {
    if (at.isBefore(root.getNotBefore().toInstant())
        || at.isAfter(root.getNotAfter().toInstant())) {
      throw new BrokenSignatureException(
          "the root %s is not valid at %s".formatted(name(root), at));
    }
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509").generateCertPath(path(leaf, others, root)),
              parameters);
    } catch (GeneralSecurityException e) {
      throw new BrokenSignatureException(
          "the certificate does not lead to the root %s at %s: %s"
              .formatted(name(root), at, e.getMessage()),
          e);
    }
  }

  /** The subject as people write it, or the serial number where it is empty. */
  public static String name(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    return subject.isEmpty() ? "number " + certificate.getSerialNumber().toString(16) : subject;
  }

  /** From the leaf by issuers' names up to below the root, as far as that goes. */
  private static List<X509Certificate> path(
      X509Certificate leaf, List<X509Certificate> others, X509Certificate root) {
    List<X509Certificate> path = new ArrayList<>();
    X509Certificate last = leaf;
    path.add(last);
    while (path.size() < MAX_CHAIN && !issued(root, last)) {
      X509Certificate child = last;
      X509Certificate next =
          others.stream()
              .filter(each -> !path.contains(each) && issued(each, child))
              .findFirst()
              .orElse(null);
      if (next == null) {
        break;
      }
      path.add(next);
      last = next;
    }
    return path;
  }

  private static boolean issued(X509Certificate issuer, X509Certificate certificate) {
    if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
