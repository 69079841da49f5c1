package io.entrepot.trust.keyless;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.VerificationKey;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.ASN1UTF8String;

/**
 * A certificate that was given to a signer for minutes, and whom it names: who vouched for the
 * signer (issuer), and the signer's name there (identity). Fulcio's "Certificate specification" and
 * "oid-info" say where both stand.
 */
final class SignerCertificate {

  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
  private static final String ISSUER_OF_OLD = "1.3.6.1.4.1.57264.1.1";
  private static final String OTHER_NAME = "1.3.6.1.4.1.57264.1.7";

  private static final int EMAIL = 1;
  private static final int URI = 6;
  private static final int OTHER = 0;

  private final X509Certificate certificate;
  private final String issuer;
  private final String identity;

  private SignerCertificate(X509Certificate certificate) {
    this.certificate = certificate;
    this.issuer = issuerOf(certificate);
    this.identity = identityOf(certificate);
  }

  /**
   * Takes a certificate apart.
   *
   * @throws BrokenSignatureException if it is not for signing, or does not name exactly one signer
   */
  static SignerCertificate of(X509Certificate certificate) {
    try {
      List<String> usage = certificate.getExtendedKeyUsage();
      if (usage == null || !usage.contains(CODE_SIGNING)) {
        throw new BrokenSignatureException("the certificate is not for signing code");
      }
    } catch (CertificateParsingException e) {
      throw new BrokenSignatureException("the certificate's usage cannot be read", e);
    }
    return new SignerCertificate(certificate);
  }

  X509Certificate certificate() {
    return certificate;
  }

  VerificationKey key() {
    return VerificationKey.of(certificate.getPublicKey());
  }

  String issuer() {
    return issuer;
  }

  String identity() {
    return identity;
  }

  /**
   * The authority that gave it out.
   *
   * @param at when it was used
   * @param others certificates that may stand between
   * @throws BrokenSignatureException if none of the root's did, or not for that moment
   */
  X509Certificate requireAuthority(TrustedRoot root, List<X509Certificate> others, Instant at) {
    if (at.isBefore(certificate.getNotBefore().toInstant())
        || at.isAfter(certificate.getNotAfter().toInstant())) {
      throw new BrokenSignatureException(
          "it was signed at %s, and the certificate is good from %s to %s"
              .formatted(
                  at,
                  certificate.getNotBefore().toInstant(),
                  certificate.getNotAfter().toInstant()));
    }
    List<String> reasons = new ArrayList<>();
    for (TrustedRoot.Authority authority : root.certificateAuthorities()) {
      if (!authority.validity().covers(at)) {
        reasons.add("an authority of the trusted root is not believed at " + at);
        continue;
      }
      List<X509Certificate> between = new ArrayList<>(authority.certificates());
      between.removeLast();
      between.addAll(others);
      try {
        Certificates.requireChain(certificate, between, authority.root(), at);
        return issuerOf(between, authority.root());
      } catch (BrokenSignatureException e) {
        reasons.add(e.reason());
      }
    }
    throw new BrokenSignatureException(
        reasons.isEmpty()
            ? "the trusted root names no certificate authority"
            : String.join("; ", reasons));
  }

  /** Whose key signed this certificate: certificate logs sign that too. */
  private X509Certificate issuerOf(List<X509Certificate> between, X509Certificate root) {
    for (X509Certificate each : between) {
      if (each.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
        return each;
      }
    }
    return root;
  }

  private static String issuerOf(X509Certificate certificate) {
    byte[] now = certificate.getExtensionValue(ISSUER);
    if (now != null) {
      try {
        ASN1Primitive value = ASN1Primitive.fromByteArray(octets(now));
        if (value instanceof ASN1UTF8String text) {
          return text.getString();
        }
      } catch (IOException e) {
        throw new BrokenSignatureException("the certificate's issuer cannot be read", e);
      }
      throw new BrokenSignatureException("the certificate's issuer is no text");
    }
    byte[] old = certificate.getExtensionValue(ISSUER_OF_OLD);
    if (old == null) {
      throw new BrokenSignatureException("the certificate does not say who vouched for its signer");
    }
    return new String(octets(old), UTF_8);
  }

  private static String identityOf(X509Certificate certificate) {
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      throw new BrokenSignatureException("the certificate's names cannot be read", e);
    }
    if (names == null || names.size() != 1) {
      throw new BrokenSignatureException(
          "the certificate names %d signers; one is needed"
              .formatted(names == null ? 0 : names.size()));
    }
    List<?> name = names.iterator().next();
    if (name.get(0) instanceof Integer kind) {
      if ((kind == EMAIL || kind == URI) && name.get(1) instanceof String text) {
        return text;
      }
      if (kind == OTHER && name.get(1) instanceof byte[] der) {
        return otherName(der);
      }
    }
    throw new BrokenSignatureException("the certificate names its signer in an unknown way");
  }

  private static String otherName(byte[] der) {
    try {
      ASN1Primitive read = ASN1Primitive.fromByteArray(der);
      ASN1Sequence sequence =
          read instanceof ASN1TaggedObject tagged
              ? ASN1Sequence.getInstance(tagged, false)
              : ASN1Sequence.getInstance(read);
      ASN1Primitive value =
          ASN1TaggedObject.getInstance(sequence.getObjectAt(1))
              .getExplicitBaseObject()
              .toASN1Primitive();
      if (sequence.getObjectAt(0).toString().equals(OTHER_NAME)
          && value instanceof ASN1String text) {
        return text.getString();
      }
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new BrokenSignatureException("the certificate's other name cannot be read", e);
    }
    throw new BrokenSignatureException("the certificate names its signer in an unknown way");
  }

  static byte[] octets(byte[] extension) {
    try {
      return ASN1OctetString.getInstance(extension).getOctets();
    } catch (IllegalArgumentException e) {
      throw new BrokenSignatureException("an extension of the certificate cannot be read", e);
    }
  }
}
