package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.vertx.core.http.HttpHeaders;

/**
 * Content as an answer names it; the texts of its headers are made once.
 *
 * @param etag the digest in quotes
 * @param length the size as text
 * @param size in bytes
 * @param isBlob whether parts of it may be asked for and clients may keep it for ever
 */
record Content(
    String digest, String etag, String length, long size, CharSequence type, boolean isBlob) {

  private static final CharSequence OCTETS =
      HttpHeaders.createOptimized("application/octet-stream");

  static Content blob(Digest digest, long size) {
    return of(digest, size, OCTETS, true);
  }

  static Content manifest(Digest digest, long size, MediaType type) {
    return of(digest, size, type.value(), false);
  }

  private static Content of(Digest digest, long size, CharSequence type, boolean isBlob) {
    String text = digest.toString();
    return new Content(text, '"' + text + '"', Long.toString(size), size, type, isBlob);
  }

  /** The same bytes served as a blob. */
  Content asBlob() {
    return isBlob ? this : new Content(digest, etag, length, size, OCTETS, true);
  }

  /** The same bytes served as a manifest of that type. */
  Content asManifest(MediaType mediaType) {
    return !isBlob && type.toString().equals(mediaType.value())
        ? this
        : new Content(digest, etag, length, size, mediaType.value(), false);
  }
}
