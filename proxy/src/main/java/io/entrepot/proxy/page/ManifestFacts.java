package io.entrepot.proxy.page;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.store.Contents;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredManifest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What manifests of the store say; the platforms of a digest never change and are remembered. */
final class ManifestFacts {

  private static final Logger LOG = System.getLogger(ManifestFacts.class.getName());

  private final Contents contents;
  private final Cache<Digest, List<String>> platforms =
      Caffeine.newBuilder().maximumSize(10_000).build();

  ManifestFacts(Contents contents) {
    this.contents = contents;
  }

  /** A manifest of the store; empty where it is not here or cannot be understood. Blocks. */
  Optional<Manifest> read(StoredManifest manifest) {
    try {
      return contents
          .readAll(manifest.digest(), RawManifest.MAX_BYTES)
          .map(
              bytes ->
                  RawManifest.of(manifest.mediaType(), bytes, manifest.digest().algorithm())
                      .parse());
    } catch (MalformedException | StoreException e) {
      LOG.log(Level.DEBUG, "{0} is not shown: {1}", manifest.digest(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Platforms that a manifest says it is for, in its order; empty for an artifact. Blocks. */
  List<String> platforms(StoredManifest manifest) {
    List<String> known = platforms.getIfPresent(manifest.digest());
    if (known != null) {
      return known;
    }
    Optional<Manifest> read = read(manifest);
    List<String> found =
        switch (read.orElse(null)) {
          case Index index ->
              index.images().stream()
                  .map(Descriptor::platform)
                  .filter(Objects::nonNull)
                  .map(Platform::toString)
                  .distinct()
                  .toList();
          case ImageManifest image -> platform(image).stream().toList();
          case null -> List.of();
        };
    boolean whole =
        read.isPresent()
            && !(found.isEmpty()
                && read.get() instanceof ImageManifest image
                && image.isRunnable());
    if (whole) {
      platforms.put(manifest.digest(), found);
    }
    return found;
  }

  private Optional<String> platform(ImageManifest image) {
    Descriptor config = image.config();
    if (config == null || !image.isRunnable() || contents.peek(config.digest()).isEmpty()) {
      return Optional.empty();
    }
    try {
      return contents
          .readAll(config.digest(), ImageConfig.MAX_BYTES)
          .map(ImageConfig::parse)
          .map(ImageConfig::platform)
          .map(Platform::toString);
    } catch (MalformedException | StoreException e) {
      LOG.log(Level.DEBUG, "{0} is not shown: {1}", config.digest(), e.getMessage());
      return Optional.empty();
    }
  }
}
