package io.entrepot.lock;

import io.entrepot.oci.Digest;

/**
 * Why a locked image is refused now.
 *
 * @param digest what the policy denies: the image, a child or a blob of it
 * @param reason as the policy gives it
 */
public record Denial(Digest digest, String reason) {}
