package io.entrepot.mirror.charts;

import io.entrepot.mirror.charts.ChartAddress.InIndex;
import io.entrepot.mirror.charts.ChartAddress.InRegistry;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Lists the versions of charts and fetches packages; an index is read once. */
public final class ChartFetcher {

  private static final int MAX_PACKAGE = 128 * 1024 * 1024;
  private static final int MAX_PROVENANCE = 1024 * 1024;

  private final RegistryClient client;
  private final Map<URI, byte[]> indexes = new ConcurrentHashMap<>();

  /** Fetches through a client, which the caller closes. */
  public ChartFetcher(RegistryClient client) {
    this.client = client;
  }

  /** All versions that are offered, as written. */
  public List<String> versions(ChartAddress chart) {
    return switch (chart) {
      case InRegistry registry ->
          client.tags(registry.key()).await().stream()
              .map(tag -> tag.value().replace('_', '+'))
              .toList();
      case InIndex index -> offers(index).stream().map(ChartIndex.Offer::version).toList();
    };
  }

  /** The key of a version in a lock; a tag has no {@code +}. */
  public static ImageReference key(ChartAddress chart, String version) {
    return chart.key().tagged(tag(version));
  }

  private static Tag tag(String version) {
    return new Tag(version.replace('+', '_'));
  }

  /**
   * Fetches a version.
   *
   * @throws ChartException where it is not what it should be
   * @throws RegistryException where it cannot be had
   */
  public PackedChart fetch(ChartAddress chart, String version) {
    ImageReference key = key(chart, version);
    return switch (chart) {
      case InRegistry registry -> pulled(key, key);
      case InIndex index -> downloaded(index, version, key);
    };
  }

  private PackedChart pulled(ImageReference key, ImageReference from) {
    RawManifest manifest = client.fetchManifest(from).await();
    Descriptor content = content(manifest, from);
    Map<Digest, Buffer> blobs = new HashMap<>();
    Buffer archive = blob(from, content);
    blobs.put(content.digest(), archive);
    if (!key.repository().equals(from.repository())) {
      // Nobody finds the rest under the name of the index.
      for (Descriptor other : manifest.parse().children()) {
        blobs.computeIfAbsent(other.digest(), digest -> blob(from, other));
      }
    }
    return new PackedChart(key, manifest, archive, blobs, Map.of());
  }

  private Buffer blob(ImageReference from, Descriptor blob) {
    return Buffer.buffer(client.fetchBlobBytes(from.repository(), blob, MAX_PACKAGE).await());
  }

  private static Descriptor content(RawManifest manifest, ImageReference from) {
    try {
      if (manifest.parse() instanceof ImageManifest image) {
        for (Descriptor layer : image.layers()) {
          if (layer.mediaType().equals(ChartArtifact.CONTENT)) {
            return layer;
          }
        }
      }
    } catch (MalformedException e) {
      throw new ChartException(
          "%s is no chart: %s".formatted(from, e.getMessage()), "correct the address", e);
    }
    throw new ChartException(
        "%s is no chart: it has no layer %s".formatted(from, ChartArtifact.CONTENT),
        "correct the address; an image is written under images:");
  }

  private PackedChart downloaded(InIndex chart, String version, ImageReference key) {
    ChartIndex.Offer offer =
        offers(chart).stream()
            .filter(each -> each.version().equals(version))
            .findFirst()
            .or(
                () ->
                    offers(chart).stream()
                        .filter(
                            each ->
                                each.version()
                                    .replaceFirst("^v", "")
                                    .equals(version.replaceFirst("^v", "")))
                        .findFirst())
            .orElseThrow(
                () ->
                    new ChartException(
                        "the index of %s has no version %s of %s"
                            .formatted(chart.repository(), version, chart.name()),
                        "correct the version; a range takes what there is"));
    if (offer.address().startsWith("oci://")) {
      return pulled(key, elsewhere(offer, version));
    }
    URI address = resolve(chart.repository(), offer.address());
    byte[] archive = client.fetchFile(address, MAX_PACKAGE).await();
    Digest actual = Digest.of(archive);
    if (offer.digest() != null && !actual.hex().equals(offer.digest())) {
      throw new ChartException(
          "the package at %s has the digest %s; the index says %s"
              .formatted(address, actual.hex(), offer.digest()),
          "ask the publisher: the package was replaced, or damaged on its way");
    }
    return ChartArtifact.of(
        key, offer.version(), withoutQuery(address), archive, provenance(address));
  }

  /** A query may hold a signature. */
  private static String withoutQuery(URI address) {
    return address.toString().replaceFirst("[?#].*$", "");
  }

  private static ImageReference elsewhere(ChartIndex.Offer offer, String version) {
    try {
      ImageReference given = ImageReference.parse(offer.address().substring("oci://".length()));
      return given.tag() == null && given.digest() == null
          ? given.repository().tagged(tag(version))
          : given;
    } catch (MalformedException e) {
      throw new ChartException(
          "the index says %s, which is no address".formatted(offer.address()),
          "ask the publisher to mend the index",
          e);
    }
  }

  /** Relative to the repository as to a directory, as Helm resolves it. */
  private static URI resolve(URI repository, String address) {
    try {
      URI given = URI.create(address);
      return given.isAbsolute() ? given : URI.create(repository + "/").resolve(given);
    } catch (IllegalArgumentException e) {
      throw new ChartException(
          "the index says '%s', which is no address".formatted(address),
          "ask the publisher to mend the index",
          e);
    }
  }

  private byte @Nullable [] provenance(URI archive) {
    URI address = URI.create(archive.toString().replaceFirst("(\\?|$)", ".prov$1"));
    try {
      return client.fetchFile(address, MAX_PROVENANCE).await();
    } catch (RegistryException e) {
      if (e.status() == 404 || e.status() == 403 || e.code().isAbsence()) {
        // Most charts are not signed; object stores answer 403 to what is not there.
        return null;
      }
      throw e;
    }
  }

  private List<ChartIndex.Offer> offers(InIndex chart) {
    byte[] index =
        indexes.computeIfAbsent(
            chart.repository(),
            repository ->
                client
                    .fetchFile(URI.create(repository + "/index.yaml"), ChartIndex.MAX_BYTES)
                    .await());
    return new ArrayList<>(ChartIndex.offers(index, chart.name(), chart.repository().toString()));
  }
}
