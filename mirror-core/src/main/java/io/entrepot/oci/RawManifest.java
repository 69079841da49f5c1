package io.entrepot.oci;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as received: bytes first.
 *
 * <p>The digest is computed here from the bytes, so it cannot be wrong; what {@link #parse} reads
 * is what was hashed.
 */
public final class RawManifest {

  /** Largest manifest taken, in bytes; the limit of registries (distribution-spec 1.1). */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  private final MediaType mediaType;
  private final byte[] bytes;
  private final Digest digest;

  private RawManifest(MediaType mediaType, byte[] bytes, Digest digest) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.digest = digest;
  }

  /**
   * Takes bytes with the type under which they were served; their digest is computed with SHA-256.
   *
   * @throws MalformedException if there are more than {@link #MAX_BYTES}
   */
  public static RawManifest of(MediaType mediaType, byte[] bytes) {
    return of(mediaType, bytes, Digest.Algorithm.SHA256);
  }

  /** As {@link #of(MediaType, byte[])}, with the algorithm under which the content is known. */
  public static RawManifest of(MediaType mediaType, byte[] bytes, Digest.Algorithm algorithm) {
    return taken(mediaType, bytes.clone(), algorithm);
  }

  /**
   * As {@link #of(MediaType, byte[], Digest.Algorithm)}, of bytes that nobody changes any more:
   * they are not copied.
   */
  public static RawManifest taken(MediaType mediaType, byte[] bytes, Digest.Algorithm algorithm) {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedException(
          "manifest of %d bytes; at most %d are taken".formatted(bytes.length, MAX_BYTES));
    }
    return new RawManifest(mediaType, bytes, Digest.of(algorithm, bytes));
  }

  /**
   * Takes what a registry answered, bytes that nobody changes any more. Where its {@code
   * Content-Type} is absent or says nothing, the document decides.
   *
   * @throws MalformedException for what is plainly no manifest, such as a web page, and beyond
   *     {@link #MAX_BYTES}
   */
  public static RawManifest received(
      @Nullable String contentType, byte[] bytes, Digest.Algorithm algorithm) {
    MediaType served =
        contentType == null || contentType.isBlank()
            ? MediaType.OCTET_STREAM
            : MediaType.parse(contentType);
    if (served.value().startsWith("text/html")) {
      throw new MalformedException("a web page, not a manifest");
    }
    if (bytes.length == 0) {
      throw new MalformedException("an empty answer, not a manifest");
    }
    return taken(ManifestParser.typeOf(served, bytes), bytes, algorithm);
  }

  /** The type under which the bytes were served or are to be pushed. */
  public MediaType mediaType() {
    return mediaType;
  }

  /** The digest of the bytes. */
  public Digest digest() {
    return digest;
  }

  /** The digest of the bytes by an algorithm. */
  public Digest digest(Digest.Algorithm algorithm) {
    return algorithm == digest.algorithm() ? digest : Digest.of(algorithm, bytes);
  }

  /** How many bytes. */
  public int size() {
    return bytes.length;
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The bytes themselves, which cannot be changed through this. */
  public ByteBuffer content() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The descriptor of these bytes, without platform and annotations. */
  public Descriptor descriptor() {
    return Descriptor.of(mediaType, digest, bytes.length);
  }

  /**
   * Reads the bytes.
   *
   * @throws MalformedException for text that is not JSON, doubled keys, a document that is index
   *     and image at once, a stated type that differs from the served one, Docker schema 1, and
   *     descriptors that break their grammar
   */
  public Manifest parse() {
    return ManifestParser.parse(mediaType, bytes);
  }

  @Override
  public String toString() {
    return mediaType + " " + digest;
  }
}
