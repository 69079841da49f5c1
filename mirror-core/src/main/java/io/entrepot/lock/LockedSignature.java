package io.entrepot.lock;

import io.entrepot.oci.Digest;

/**
 * A statement about an image that was proved to be a signer's.
 *
 * @param statement the digest of what was signed
 * @param type what was stated: the predicate type
 */
public record LockedSignature(LockedSigner signer, Digest statement, String type) {}
