package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.Problem.Kind;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads manifests and configurations and compares each with its descriptor. */
final class CheckedContent {

  private final ImageContent content;
  private final ProblemLog log;

  CheckedContent(ImageContent content, ProblemLog log) {
    this.content = content;
    this.log = log;
  }

  /** The platform that the configuration of an image names, or null. */
  @Nullable Platform platformOf(ImageManifest image, @Nullable Platform wanted) {
    Descriptor descriptor = Objects.requireNonNull(image.config());
    byte[] bytes = configBytes(descriptor, wanted);
    ImageConfig config = bytes == null ? null : parsed(bytes, descriptor, wanted);
    return config == null ? null : config.platform();
  }

  /** The bytes of a configuration; null after a problem was recorded. */
  byte @Nullable [] configBytes(Descriptor descriptor, @Nullable Platform wanted) {
    if (descriptor.size() > ImageConfig.MAX_BYTES) {
      log.problem(
          Kind.TOO_LARGE,
          wanted,
          descriptor.digest(),
          "a configuration of %d bytes; at most %d are read"
              .formatted(descriptor.size(), ImageConfig.MAX_BYTES),
          "no real image has one of this size; do not use it");
      return null;
    }
    byte[] bytes =
        fetched(
            "configuration",
            descriptor,
            wanted,
            () -> content.blob(descriptor, ImageConfig.MAX_BYTES));
    if (bytes == null || !sizeAgrees("configuration", descriptor, bytes.length, wanted)) {
      return null;
    }
    return bytes;
  }

  /** A configuration; null after a problem was recorded. */
  @Nullable ImageConfig parsed(byte[] bytes, Descriptor descriptor, @Nullable Platform wanted) {
    try {
      return ImageConfig.parse(bytes);
    } catch (MalformedException e) {
      log.broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Fetches a child and compares it with its descriptor; null after a problem was recorded. */
  @Nullable Manifest child(Descriptor descriptor, @Nullable Platform wanted) {
    RawManifest raw = fetched("manifest", descriptor, wanted, () -> content.manifest(descriptor));
    if (raw == null) {
      return null;
    }
    if (!raw.digest().equals(descriptor.digest())) {
      log.broken(wanted, descriptor, "the bytes have the digest " + raw.digest());
      return null;
    }
    if (!sizeAgrees("manifest", descriptor, raw.size(), wanted)) {
      return null;
    }
    if (!raw.mediaType().equals(descriptor.mediaType())
        && !raw.mediaType().equals(MediaType.OCTET_STREAM)) {
      log.broken(
          wanted,
          descriptor,
          "served as %s, the entry says %s".formatted(raw.mediaType(), descriptor.mediaType()));
      return null;
    }
    try {
      return raw.parse();
    } catch (MalformedException e) {
      log.broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private boolean sizeAgrees(
      String what, Descriptor descriptor, long size, @Nullable Platform wanted) {
    if (size == descriptor.size()) {
      return true;
    }
    log.broken(
        wanted,
        descriptor,
        "the %s has %d bytes, its descriptor says %d".formatted(what, size, descriptor.size()));
    return false;
  }

  private <T> @Nullable T fetched(
      String what, Descriptor descriptor, @Nullable Platform wanted, Supplier<T> fetch) {
    try {
      return fetch.get();
    } catch (MalformedException e) {
      log.broken(wanted, descriptor, String.valueOf(e.getMessage()));
      return null;
    } catch (RegistryException e) {
      if (e.code().isAbsence()) {
        log.problem(
            Kind.MISSING_CONTENT,
            wanted,
            descriptor.digest(),
            "the %s is named, but not there".formatted(what),
            "the registry holds an incomplete image: push or mirror it again");
        return null;
      }
      if (saysBroken(e.code())) {
        log.broken(wanted, descriptor, String.valueOf(e.getMessage()));
        return null;
      }
      throw e;
    }
  }

  /** Whether a failure says something of the content and not of the way to it. */
  static boolean saysBroken(ErrorCode code) {
    return switch (code) {
      case CORRUPT, DIGEST_INVALID, SIZE_INVALID, MANIFEST_INVALID -> true;
      default -> false;
    };
  }

  /** Whether a manifest is one of an image and not of a chart or other artifact. */
  static boolean isImage(ImageManifest image) {
    return image.hasImageConfig();
  }
}
