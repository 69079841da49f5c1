package io.entrepot.pin;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.NamingRule;
import io.entrepot.sites.ChartVersion;
import io.entrepot.sites.Reading;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Lock files for tests. */
final class Locks {

  static final String MIRROR = "ghcr.io/acme/mirror";
  static final String DIGEST_A = "sha256:" + "a".repeat(64);
  static final String DIGEST_B = "sha256:" + "b".repeat(64);

  private Locks() {}

  /** Source to target; the digest is of the source's text. */
  static LockFile of(Map<String, String> targets) {
    SortedMap<ImageReference, LockedImage> images = new TreeMap<>();
    targets.forEach(
        (source, target) ->
            images.put(
                ImageReference.parse(source),
                new LockedImage(
                    digest(source),
                    null,
                    ImageReference.parse(target),
                    List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64")))));
    return LockFile.of(images);
  }

  /** The digest that {@link #of} gives a source. */
  static Digest digest(String source) {
    return Digest.of(ImageReference.parse(source).toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A lock that holds everything that was found, named flat below {@link #MIRROR}. */
  static LockFile covering(Collection<Reading> readings) {
    SortedMap<ImageReference, LockedImage> images = new TreeMap<>();
    for (Reading reading : readings) {
      switch (reading) {
        case Reading.Image image -> {
          ImageReference reference = image.reference().orLatest();
          ImageReference key =
              reference.tag() != null ? reference.repository().tagged(reference.tag()) : reference;
          put(images, key, reference.tag() == null ? new Tag("pinned") : reference.tag());
        }
        case Reading.Chart chart -> {
          if (chart.version() != null && !ChartVersion.isRange(chart.version())) {
            Tag tag = new Tag(chart.version().replace('+', '_'));
            put(images, chart.repository().tagged(tag), tag);
          }
        }
        case Reading.ChartRegistry _, Reading.Unclear _ -> {}
      }
    }
    return LockFile.of(images);
  }

  private static void put(
      SortedMap<ImageReference, LockedImage> images, ImageReference key, Tag tag) {
    Digest digest =
        key.digest() != null
            ? key.digest()
            : Digest.of(key.toString().getBytes(StandardCharsets.UTF_8));
    Repository target = Repository.parse(MIRROR + "/" + NamingRule.FULL.name(key.repository()));
    images.put(key, new LockedImage(digest, null, target.tagged(tag), List.of()));
  }
}
