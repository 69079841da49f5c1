package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.nio.file.Path;

/**
 * Content that is here.
 *
 * @param path the file; it may be removed at any time, an open handle stays good
 * @param size bytes
 * @param verified whether its hash was computed since this process started
 */
public record StoredContent(Digest digest, Path path, long size, boolean verified) {}
