package io.entrepot.trust;

import io.entrepot.text.Glob;
import io.entrepot.trust.keyless.TrustedRoot;
import io.entrepot.trust.material.VerificationKey;
import io.entrepot.trust.notation.DistinguishedName;
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
  }
}
