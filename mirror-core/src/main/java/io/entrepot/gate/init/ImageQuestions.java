package io.entrepot.gate.init;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Asks registries about images: one HEAD each, and one GET of a manifest, which leaves the pulls
 * that others shall have. With sizes the manifests of lists are read too.
 */
final class ImageQuestions {

  private final RegistryClient client;
  private final boolean sizes;

  ImageQuestions(RegistryClient client, boolean sizes) {
    this.client = client;
    this.sizes = sizes;
  }

  ImageFacts ask(ImageReference image) {
    Digest digest = null;
    try {
      Optional<Descriptor> head = client.find(image).await();
      if (head.isEmpty()) {
        return ImageFacts.absent();
      }
      digest = head.get().digest();
      if (isUsedUp(image.registry())) {
        return ImageFacts.unknown(
            digest,
            "its platforms were not looked at: the pulls of %s are used up"
                .formatted(image.registry()));
      }
      Optional<RawManifest> manifest = client.findManifest(image.pinnedTo(digest)).await();
      return manifest.isEmpty() ? ImageFacts.absent() : read(image, manifest.get());
    } catch (RegistryException e) {
      return ImageFacts.unknown(digest, String.valueOf(e.getMessage()));
    } catch (MalformedException e) {
      return ImageFacts.unknown(digest, "its manifest cannot be read: " + e.getMessage());
    }
  }

  private boolean isUsedUp(RegistryName registry) {
    return client
        .rateLimit(registry)
        .filter(limit -> left(limit) <= client.keepPulls(registry))
        .isPresent();
  }

  private static long left(RateLimit limit) {
    return limit.remaining();
  }

  private ImageFacts read(ImageReference image, RawManifest raw) {
    Map<Digest, Long> bytes = new HashMap<>();
    bytes.put(raw.digest(), (long) raw.size());
    return switch (raw.parse()) {
      case Index index -> {
        if (sizes) {
          index.manifests().forEach(child -> addChild(image.repository(), child, bytes));
        }
        yield new ImageFacts(
            raw.digest(),
            index.images().isEmpty() && !index.manifests().isEmpty(),
            true,
            index.images().stream().map(Descriptor::platform).filter(Objects::nonNull).toList(),
            1 + index.manifests().size(),
            bytes,
            false,
            null);
      }
      case ImageManifest single -> {
        add(single, bytes);
        boolean artifact = !single.isRunnable();
        yield new ImageFacts(
            raw.digest(),
            artifact,
            false,
            artifact ? List.of() : platforms(image.repository(), single),
            1,
            bytes,
            false,
            null);
      }
    };
  }

  private List<Platform> platforms(Repository repository, ImageManifest single) {
    Descriptor config = Objects.requireNonNull(single.config());
    Platform platform =
        ImageConfig.parse(client.fetchBlobBytes(repository, config, ImageConfig.MAX_BYTES).await())
            .platform();
    return platform == null ? List.of() : List.of(platform);
  }

  private void addChild(Repository repository, Descriptor child, Map<Digest, Long> bytes) {
    if (isUsedUp(repository.registry())) {
      return;
    }
    bytes.put(child.digest(), child.size());
    client
        .findManifest(repository.at(child.digest()))
        .await()
        .ifPresent(
            manifest -> {
              if (manifest.parse() instanceof ImageManifest image) {
                add(image, bytes);
              }
            });
  }

  private static void add(ImageManifest image, Map<Digest, Long> bytes) {
    for (Descriptor blob : image.children()) {
      if (!blob.isForeign()) {
        bytes.put(blob.digest(), blob.size());
      }
    }
  }
}
