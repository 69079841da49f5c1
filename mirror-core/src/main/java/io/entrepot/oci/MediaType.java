package io.entrepot.oci;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A media type without parameters, as it stands in descriptors and {@code Content-Type}.
 *
 * <p>Unknown types are legal everywhere (image-spec: implementations must not fail on them).
 */
public record MediaType(String value) {

  // RFC 6838, section 4.2: restricted names, at most 127 characters each.
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}");

  /** OCI image manifest. */
  public static final MediaType OCI_MANIFEST =
      new MediaType("application/vnd.oci.image.manifest.v1+json");

  /** OCI image index. */
  public static final MediaType OCI_INDEX =
      new MediaType("application/vnd.oci.image.index.v1+json");

  /** The artifact manifest of the OCI 1.1 release candidates; still found in registries. */
  public static final MediaType OCI_ARTIFACT =
      new MediaType("application/vnd.oci.artifact.manifest.v1+json");

  /** Docker image manifest, version 2 schema 2. */
  public static final MediaType DOCKER_MANIFEST =
      new MediaType("application/vnd.docker.distribution.manifest.v2+json");

  /** Docker manifest list. */
  public static final MediaType DOCKER_LIST =
      new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");

  /** Docker schema 1, refused. */
  public static final MediaType DOCKER_SCHEMA1 =
      new MediaType("application/vnd.docker.distribution.manifest.v1+json");

  /** Docker schema 1 with signatures, refused. */
  public static final MediaType DOCKER_SCHEMA1_SIGNED =
      new MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws");

  /** OCI image configuration. */
  public static final MediaType OCI_CONFIG =
      new MediaType("application/vnd.oci.image.config.v1+json");

  /** Docker image configuration. */
  public static final MediaType DOCKER_CONFIG =
      new MediaType("application/vnd.docker.container.image.v1+json");

  /** The empty JSON object of artifacts without configuration. */
  public static final MediaType OCI_EMPTY = new MediaType("application/vnd.oci.empty.v1+json");

  /** Bytes of no stated kind. */
  public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");

  // Each answer to HEAD and each entry of a list has one of these: the grammar is not looked at
  // again.
  private static final Map<String, MediaType> KNOWN =
      Map.of(
          OCI_MANIFEST.value(), OCI_MANIFEST,
          OCI_INDEX.value(), OCI_INDEX,
          DOCKER_MANIFEST.value(), DOCKER_MANIFEST,
          DOCKER_LIST.value(), DOCKER_LIST,
          OCI_CONFIG.value(), OCI_CONFIG);

  /** Checks the grammar of RFC 6838. */
  public MediaType {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new MalformedException(
          "not a media type: '%s'".formatted(MalformedException.printable(value)));
    }
  }

  /**
   * Parses a {@code Content-Type} header or a descriptor's field; parameters are dropped.
   *
   * @throws MalformedException if the grammar of RFC 6838 is not met
   */
  public static MediaType parse(String text) {
    MediaType known = KNOWN.get(text);
    if (known != null) {
      return known;
    }
    int semicolon = text.indexOf(';');
    return new MediaType((semicolon < 0 ? text : text.substring(0, semicolon)).strip());
  }

  /** An OCI index or Docker manifest list. */
  public boolean isIndex() {
    return equals(OCI_INDEX) || equals(DOCKER_LIST);
  }

  /** A manifest of one image or artifact. */
  public boolean isImageManifest() {
    return equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST) || equals(OCI_ARTIFACT);
  }

  /** Anything known to be stored as a manifest. */
  public boolean isManifest() {
    return isIndex() || isImageManifest();
  }

  /** Docker schema 1, which carries no stable digest and is refused. */
  public boolean isSchema1() {
    return equals(DOCKER_SCHEMA1) || equals(DOCKER_SCHEMA1_SIGNED);
  }

  /** The configuration of a runnable image, which names its platform. */
  public boolean isImageConfig() {
    return equals(OCI_CONFIG) || equals(DOCKER_CONFIG);
  }

  /**
   * A layer whose bytes a registry need not hold: Docker's foreign layers and OCI's deprecated
   * non-distributable ones.
   */
  public boolean isForeignLayer() {
    String lower = value.toLowerCase(Locale.ROOT);
    return lower.startsWith("application/vnd.docker.image.rootfs.foreign.")
        || lower.startsWith("application/vnd.oci.image.layer.nondistributable.");
  }

  @Override
  public String toString() {
    return value;
  }
}
