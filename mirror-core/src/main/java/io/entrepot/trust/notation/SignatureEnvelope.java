package io.entrepot.trust.notation;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an envelope of the Notary Project says, in whichever of its two encodings ("Signature
 * Specification", "Signature Envelope"). Nothing of it is proved yet.
 *
 * @param algorithm as RFC 7518 names it, such as {@code PS384}
 * @param critical protected headers that a verifier must understand; each of them is there
 * @param scheme how it was signed
 * @param signedAt when, as the signer says
 * @param expiry from when on it no longer counts
 * @param signed the bytes that the signature is over
 * @param chain the signer's certificate first; not protected
 */
record SignatureEnvelope(
    String algorithm,
    String contentType,
    Set<String> critical,
    String scheme,
    Instant signedAt,
    Optional<Instant> expiry,
    Bytes signed,
    Bytes payload,
    Bytes signature,
    List<X509Certificate> chain) {

  static final String SCHEME = "io.cncf.notary.signingScheme";
  static final String EXPIRY = "io.cncf.notary.expiry";
  static final String SIGNING_TIME = "io.cncf.notary.signingTime";

  private static final int MAX_CHAIN = 8;

  SignatureEnvelope {
    critical = Set.copyOf(critical);
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new BrokenSignatureException("the signature brings no certificate");
    }
    if (chain.size() > MAX_CHAIN) {
      throw new BrokenSignatureException("the chain of certificates is too long");
    }
  }
}
