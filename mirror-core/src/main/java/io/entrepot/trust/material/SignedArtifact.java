package io.entrepot.trust.material;

import io.entrepot.oci.Digest;
import java.util.Optional;

/**
 * One signature and what it is over, as logs and time stamps speak of it.
 *
 * @param signed the bytes that are signed
 * @param signature as signed, not encoded
 * @param envelopePayload the digest of the payload, where the signed bytes are an envelope
 */
public record SignedArtifact(Bytes signed, Bytes signature, Optional<Digest> envelopePayload) {

  /** The digest of the bytes that are signed. */
  public Digest digest() {
    return Digest.of(signed.toArray());
  }
}
