package io.entrepot.trust.keyless;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/** An authority's word on when a signature was there (RFC 3161). */
final class TimestampResponse {

  private TimestampResponse() {}

  /**
   * The time that an authority of the trusted root has signed for a signature.
   *
   * @throws BrokenSignatureException if none has, or for another signature
   */
  static Instant requireTime(TrustedRoot root, Bytes response, Bytes signature) {
    TimeStampToken token;
    try {
      token = new TimeStampResponse(response.toArray()).getTimeStampToken();
    } catch (TSPException | IOException | RuntimeException e) {
      // The parser throws unchecked exceptions of many kinds for what is no ASN.1.
      throw new BrokenSignatureException("a time stamp cannot be read", e);
    }
    if (token == null) {
      throw new BrokenSignatureException("a time stamp was refused by its authority");
    }
    requireImprint(token, signature);
    Instant at = token.getTimeStampInfo().getGenTime().toInstant();
    List<String> reasons = new ArrayList<>();
    for (TrustedRoot.Authority authority : root.timestampAuthorities()) {
      if (!authority.validity().covers(at)) {
        reasons.add("a time stamp authority of the trusted root is not believed at " + at);
        continue;
      }
      try {
        requireSigner(token, authority, at);
        return at;
      } catch (BrokenSignatureException e) {
        reasons.add(e.reason());
      }
    }
    throw new BrokenSignatureException(
        reasons.isEmpty()
            ? "the trusted root names no time stamp authority"
            : String.join("; ", reasons));
  }

  private static void requireImprint(TimeStampToken token, Bytes signature) {
    String algorithm =
        switch (token.getTimeStampInfo().getMessageImprintAlgOID().getId()) {
          case "2.16.840.1.101.3.4.2.1" -> "SHA-256";
          case "2.16.840.1.101.3.4.2.2" -> "SHA-384";
          case "2.16.840.1.101.3.4.2.3" -> "SHA-512";
          default ->
              throw new BrokenSignatureException("a time stamp uses a hash that is not taken");
        };
    try {
      byte[] hash = MessageDigest.getInstance(algorithm).digest(signature.toArray());
      if (!MessageDigest.isEqual(hash, token.getTimeStampInfo().getMessageImprintDigest())) {
        throw new BrokenSignatureException("a time stamp is of another signature");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }

  private static void requireSigner(
      TimeStampToken token, TrustedRoot.Authority authority, Instant at) {
    List<X509Certificate> known = new ArrayList<>(authority.certificates());
    known.addAll(carried(token));
    String reason = "a time stamp is of an authority that the trusted root does not know";
    for (X509Certificate each : known) {
      try {
        if (!token.getSID().match(new X509CertificateHolder(each.getEncoded()))) {
          continue;
        }
        if (!each.equals(authority.root())) {
          Certificates.requireChain(each, known, authority.root(), at);
        }
        // Also that the certificate is for time stamps alone and is the one that the token names.
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(each));
        return;
      } catch (TSPException | OperatorCreationException | CertificateException | IOException e) {
        reason = "a time stamp does not hold: " + e.getMessage();
      }
    }
    throw new BrokenSignatureException(reason);
  }

  private static List<X509Certificate> carried(TimeStampToken token) {
    List<X509Certificate> certificates = new ArrayList<>();
    Collection<X509CertificateHolder> holders = token.getCertificates().getMatches(null);
    for (X509CertificateHolder holder : holders) {
      try {
        certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
      } catch (CertificateException e) {
        throw new BrokenSignatureException("a time stamp carries a broken certificate", e);
      }
    }
    return certificates;
  }
}
