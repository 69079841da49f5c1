package io.entrepot.store;

import io.entrepot.oci.Digest;

/**
 * Content that is here.
 *
 * @param size bytes
 * @param verified whether its hash was computed since this process started
 */
public record StoredContent(Digest digest, long size, boolean verified) {}
