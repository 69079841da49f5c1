package io.entrepot.mirror.charts;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.BlobPush;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.BlobSource;
import io.entrepot.registry.BreakerState;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.Registry;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Registries as they are, and beside them the charts that were fetched: what is held is not asked
 * for again, and charts of HTTP repositories look as if a registry had them.
 */
public final class HeldCharts implements Registry {

  private final RegistryClient network;
  private final Map<ImageReference, RawManifest> tags = new ConcurrentHashMap<>();
  private final Map<Digest, RawManifest> manifests = new ConcurrentHashMap<>();
  private final Map<Digest, Buffer> blobs = new ConcurrentHashMap<>();
  private final Set<Repository> indexed = ConcurrentHashMap.newKeySet();

  /** Asks a client, which the caller closes, for what is not held. */
  public HeldCharts(RegistryClient network) {
    this.network = network;
  }

  /**
   * Keeps a chart.
   *
   * @param registry whether a registry has it too, which is then asked what is attached to it
   */
  public void hold(PackedChart chart, boolean registry) {
    if (!registry) {
      indexed.add(chart.reference().repository());
    }
    tags.put(chart.reference(), chart.manifest());
    manifests.put(chart.manifest().digest(), chart.manifest());
    blobs.putAll(chart.blobs());
  }

  private boolean isIndexed(Repository repository) {
    return indexed.contains(repository);
  }

  private Optional<RawManifest> held(ImageReference reference) {
    Digest digest = reference.digest();
    return Optional.ofNullable(digest == null ? tags.get(reference) : manifests.get(digest));
  }

  private static <T> Future<T> absent(ImageReference reference) {
    return Future.failedFuture(
        RegistryException.of(ErrorCode.MANIFEST_UNKNOWN, reference.toString(), "not offered")
            .withStatus(404));
  }

  @Override
  public void expectPushes(Repository repository) {
    network.expectPushes(repository);
  }

  @Override
  public Future<Descriptor> resolve(ImageReference reference) {
    Optional<RawManifest> held = held(reference);
    if (held.isPresent()) {
      return Future.succeededFuture(held.get().descriptor());
    }
    return isIndexed(reference.repository()) ? absent(reference) : network.resolve(reference);
  }

  @Override
  public Future<Optional<Descriptor>> find(ImageReference reference) {
    Optional<RawManifest> held = held(reference);
    return held.isPresent() || isIndexed(reference.repository())
        ? Future.succeededFuture(held.map(RawManifest::descriptor))
        : network.find(reference);
  }

  @Override
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    Optional<RawManifest> held = held(reference);
    if (held.isPresent()) {
      return Future.succeededFuture(held.get());
    }
    return isIndexed(reference.repository()) ? absent(reference) : network.fetchManifest(reference);
  }

  @Override
  public Future<Optional<RawManifest>> findManifest(ImageReference reference) {
    Optional<RawManifest> held = held(reference);
    return held.isPresent() || isIndexed(reference.repository())
        ? Future.succeededFuture(held)
        : network.findManifest(reference);
  }

  @Override
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    return network.pushManifest(reference, manifest);
  }

  @Override
  public Future<Void> deleteManifest(ImageReference reference) {
    return network.deleteManifest(reference);
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    Buffer bytes = blobs.get(blob.digest());
    return bytes == null
        ? network.fetchBlob(repository, blob, range, sink)
        : send(bytes, range, sink);
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    Buffer bytes = blobs.get(digest);
    return bytes == null
        ? network.fetchBlob(repository, digest, range, sink)
        : send(bytes, range, sink);
  }

  private static Future<Void> send(Buffer bytes, ByteRange range, BlobSink sink) {
    long length = range.length(bytes.length());
    int from = (int) range.from();
    return sink.open(new BlobSink.BlobStart(length, bytes.length()))
        .write(bytes.slice(from, (int) (from + length)));
  }

  @Override
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    Buffer bytes = blobs.get(digest);
    return isIndexed(repository)
        ? Future.succeededFuture(Optional.ofNullable(bytes).map(each -> (long) each.length()))
        : network.findBlob(repository, digest);
  }

  @Override
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return network.pushBlob(
        repository, blob, source, mountFrom == null || isIndexed(mountFrom) ? null : mountFrom);
  }

  @Override
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return network.deleteBlob(repository, digest);
  }

  @Override
  public Future<List<Tag>> tags(Repository repository) {
    return isIndexed(repository) ? Future.succeededFuture(List.of()) : network.tags(repository);
  }

  @Override
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return isIndexed(repository)
        ? Future.succeededFuture(new Referrers(List.of(), true))
        : network.referrers(repository, subject);
  }

  @Override
  public Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return isIndexed(repository)
        ? Future.succeededFuture(Optional.of(new Referrers(List.of(), true)))
        : network.referrersByApi(repository, subject);
  }

  @Override
  public Optional<Boolean> hasReferrersApi(RegistryName registry) {
    return network.hasReferrersApi(registry);
  }

  @Override
  public Future<byte[]> fetchFile(URI address, int maxBytes) {
    return network.fetchFile(address, maxBytes);
  }

  @Override
  public Optional<RateLimit> rateLimit(RegistryName registry) {
    return network.rateLimit(registry);
  }

  @Override
  public int keepPulls(RegistryName registry) {
    return network.keepPulls(registry);
  }

  @Override
  public SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return network.requestCounts();
  }

  @Override
  public SortedMap<String, SortedMap<String, Long>> answerCounts() {
    return network.answerCounts();
  }

  @Override
  public Map<String, BreakerState> breakers() {
    return network.breakers();
  }
}
