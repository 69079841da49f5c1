package io.entrepot.trust;

import io.entrepot.oci.Digest;

/** Who has signed, exactly: what is compared when the same question is asked again. */
public sealed interface SignerIdentity {

  /**
   * The holder of a key.
   *
   * @param fingerprint SHA-256 of the public key
   */
  record OfKey(Digest fingerprint) implements SignerIdentity {
    @Override
    public String toString() {
      return fingerprint.toString();
    }
  }

  /**
   * Whom an issuer has vouched for.
   *
   * @param name the signer's, as the issuer knows it
   */
  record Keyless(String name, String issuer) implements SignerIdentity {
    @Override
    public String toString() {
      return name + " (" + issuer + ")";
    }
  }

  /**
   * The holder of a certificate.
   *
   * @param subject the certificate's
   * @param authority SHA-256 of the root certificate
   */
  record OfCertificate(String subject, Digest authority) implements SignerIdentity {
    @Override
    public String toString() {
      return subject;
    }
  }
}
