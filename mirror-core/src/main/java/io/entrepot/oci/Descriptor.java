package io.entrepot.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A typed pointer to content: what it is, its digest and how many bytes it has.
 *
 * @param size bytes, 0 or more; never used to allocate memory
 * @param urls where else the content may lie; kept, never fetched
 */
public record Descriptor(
    MediaType mediaType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    @Nullable String artifactType,
    Map<String, String> annotations,
    List<String> urls) {

  /** BuildKit's annotation on index entries that are not images. */
  private static final String REFERENCE_TYPE = "vnd.docker.reference.type";

  /** Copies the collections and checks the size. */
  public Descriptor {
    if (size < 0) {
      throw new MalformedException("descriptor of %s has the size %d".formatted(digest, size));
    }
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    urls = List.copyOf(urls);
  }

  /** A pointer with nothing but the three fields every descriptor has. */
  public static Descriptor of(MediaType mediaType, Digest digest, long size) {
    return new Descriptor(mediaType, digest, size, null, null, Map.of(), List.of());
  }

  /**
   * An entry that carries statements about another entry of the same index (provenance, SBOM)
   * rather than an image: {@code unknown/unknown}, or annotated so by BuildKit.
   */
  public boolean isAttestation() {
    return (platform != null && platform.isUnknown()) || annotations.containsKey(REFERENCE_TYPE);
  }

  /** An entry that says it is an artifact: its type is another one than that of an image. */
  public boolean isArtifact() {
    return artifactType != null
        && !artifactType.isEmpty()
        && !artifactType.equals(MediaType.OCI_CONFIG.value())
        && !artifactType.equals(MediaType.DOCKER_CONFIG.value());
  }

  /** A layer that registries need not hold. */
  public boolean isForeign() {
    return mediaType.isForeignLayer();
  }
}
