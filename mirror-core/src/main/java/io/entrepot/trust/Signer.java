package io.entrepot.trust;

import io.entrepot.oci.Digest;
import io.entrepot.text.Glob;
import io.entrepot.trust.keyless.TrustedRoot;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.VerificationKey;
import io.entrepot.trust.notation.DistinguishedName;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** Somebody whose signature is accepted. */
public sealed interface Signer {

  /** How a policy and a lock name the signer. */
  String name();

  /**
   * Who holds the private half of a key.
   *
   * @param name how the policy names the key, such as its file
   */
  record OfKey(String name, VerificationKey key) implements Signer {}

  /**
   * Who an issuer vouches for, proved by authorities and logs.
   *
   * @param issuer compared to the letter
   * @param identity held against the whole of the name that the issuer vouched for
   */
  record Keyless(String issuer, Glob identity, TrustedRoot root) implements Signer {
    @Override
    public String name() {
      return identity + " (" + issuer + ")";
    }
  }

  /**
   * Whose certificate an authority has given out, in the way of the Notary Project.
   *
   * @param subject attributes that the certificate's subject must have
   */
  record Notation(X509Certificate root, DistinguishedName subject) implements Signer {
    @Override
    public String name() {
      return "x509.subject: " + subject;
    }

    /** SHA-256 of the root certificate. */
    public Digest fingerprint() {
      try {
        return Digest.of(root.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException("a certificate that was read has an encoding", e);
      }
    }

    /** Whether a certificate's subject is one of those that are accepted. */
    public boolean accepts(String other) {
      try {
        return subject.fits(DistinguishedName.parse(other));
      } catch (BrokenSignatureException e) {
        return false;
      }
    }
  }
}
