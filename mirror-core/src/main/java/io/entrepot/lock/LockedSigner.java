package io.entrepot.lock;

import io.entrepot.oci.Digest;

/** Who vouches for an image, named so that another key or authority of the same name differs. */
public sealed interface LockedSigner {

  /**
   * The holder of a key.
   *
   * @param name as the policy names the key, such as its file
   * @param fingerprint SHA-256 of the public key
   */
  record OfKey(String name, Digest fingerprint) implements LockedSigner {}

  /** Somebody whom an issuer has vouched for. */
  record Keyless(String identity, String issuer) implements LockedSigner {}

  /**
   * The holder of a certificate, in the way of the Notary Project.
   *
   * @param subject the certificate's own
   * @param authority SHA-256 of the root certificate
   */
  record Notation(String subject, Digest authority) implements LockedSigner {}
}
