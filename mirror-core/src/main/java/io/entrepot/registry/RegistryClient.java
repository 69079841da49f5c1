package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.auth.CredentialSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one client for every registry.
 *
 * <p>Methods return at once and are safe on an event loop; on plain and virtual threads their
 * futures are awaited. All of them fail with {@link RegistryException}, after retries. Reading goes
 * over a registry's endpoints in order; writing goes to its own endpoint ({@link
 * Upstream#owner()}).
 */
public final class RegistryClient implements AutoCloseable {

  private final Registry registry;

  /**
   * @param credentials asked, off the event loop, for registries without credentials of their own
   */
  public RegistryClient(
      Vertx vertx,
      ClientSettings settings,
      Network network,
      CredentialSource credentials,
      Upstreams upstreams) {
    this(new NetworkRegistry(vertx, settings, network, credentials, upstreams));
  }

  private RegistryClient(Registry registry) {
    this.registry = registry;
  }

  /** A client of something that stands in for every registry: nothing is sent anywhere. */
  public static RegistryClient of(Registry standIn) {
    return new RegistryClient(standIn);
  }

  /**
   * Says that a repository is about to be written. Some registries refuse to say anything of one
   * that does not exist before its first push; {@link #find}, {@link #findManifest} and {@link
   * #findBlob} then find nothing there instead of failing. A push still fails where it is refused.
   */
  public void expectPushes(Repository repository) {
    registry.expectPushes(repository);
  }

  // Manifests

  /**
   * What a name means now, by HEAD, which no registry counts as a pull; by GET where a registry's
   * answer to HEAD lacks digest, length or type.
   */
  public Future<Descriptor> resolve(ImageReference reference) {
    return registry.resolve(reference);
  }

  /** As {@link #resolve}, with nothing where the registry has no such manifest or repository. */
  public Future<Optional<Descriptor>> find(ImageReference reference) {
    return registry.find(reference);
  }

  /**
   * The manifest's bytes. Asked for by digest they have that digest; asked for by tag the digest
   * computed here counts, whatever the registry says.
   */
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    return registry.fetchManifest(reference);
  }

  /** As {@link #fetchManifest}, with nothing where the registry has no such manifest. */
  public Future<Optional<RawManifest>> findManifest(ImageReference reference) {
    return registry.findManifest(reference);
  }

  /**
   * As {@link #findManifest(ImageReference)}, and works with what is found. A large manifest counts
   * among the answers that are in memory until that is done, and few of those are at a time.
   *
   * @param work fails with whatever went wrong there, which is passed on
   */
  public <T> Future<Optional<T>> findManifest(
      ImageReference reference, Function<RawManifest, Future<T>> work) {
    return registry.findManifest(reference, work);
  }

  /**
   * Puts a manifest, exactly as it is, under the reference's tag, or under its digest where there
   * is no tag.
   */
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    return registry.pushManifest(reference, manifest);
  }

  /** Removes a tag, or a manifest with all its tags where the reference has a digest. */
  public Future<Void> deleteManifest(ImageReference reference) {
    return registry.deleteManifest(reference);
  }

  // Blobs

  /**
   * Streams a blob, or a part of it, into a sink. A whole blob is verified on the way: the sink
   * never gets the last bytes of a wrong one.
   *
   * @return done when the last byte was written; fails with the sink's own error if it is the sink
   *     that failed
   */
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return registry.fetchBlob(repository, blob, range, sink);
  }

  /** As the other, for a blob whose size only the registry knows; the sink is told. */
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return registry.fetchBlob(repository, digest, range, sink);
  }

  /**
   * A small blob in memory, verified.
   *
   * @param maxBytes refused beyond, before anything is fetched
   */
  public Future<byte[]> fetchBlobBytes(Repository repository, Descriptor blob, int maxBytes) {
    if (blob.size() > maxBytes) {
      return Future.failedFuture(
          RegistryException.of(
              ErrorCode.SIZE_INVALID,
              "GET " + repository + "@" + blob.digest(),
              "it has %d bytes, at most %d are read".formatted(blob.size(), maxBytes)));
    }
    MemorySink sink = new MemorySink();
    return registry
        .fetchBlob(repository, blob, ByteRange.ALL, start -> sink)
        .map(done -> sink.bytes());
  }

  /** Whether a repository holds a blob, by HEAD. */
  public Future<Boolean> hasBlob(Repository repository, Descriptor blob) {
    return findBlob(repository, blob.digest()).map(Optional::isPresent);
  }

  /**
   * The size of a blob in bytes, by HEAD, or -1 where the registry does not say; nothing where the
   * repository does not hold it.
   */
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    return registry.findBlob(repository, digest);
  }

  /**
   * Brings a blob into a repository that does not hold it. Asks nothing first: a caller that is not
   * sure asks {@link #hasBlob}.
   *
   * @param mountFrom another repository of the same registry that holds the blob, or null; where
   *     the registry does not mount, the bytes are sent
   */
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return registry.pushBlob(repository, blob, source, mountFrom);
  }

  /** A blob that is in memory. */
  public Future<BlobPush> pushBlob(Repository repository, Descriptor blob, byte[] bytes) {
    return pushBlob(
        repository,
        blob,
        (offset, sink) ->
            sink.open(new BlobSink.BlobStart(bytes.length - offset, bytes.length))
                .write(Buffer.buffer(bytes).slice((int) offset, bytes.length)),
        null);
  }

  /** Removes a blob from a repository. */
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return registry.deleteBlob(repository, digest);
  }

  // Lists

  /** All tags of a repository, in the registry's order. */
  public Future<List<Tag>> tags(Repository repository) {
    return registry.tags(repository);
  }

  /**
   * What refers to a digest: by the referrers API, or by the fallback tag where a registry has none
   * (distribution-spec 1.1, "Listing Referrers"). Anything but a list as the answer means that
   * there is no API, which is remembered.
   */
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return registry.referrers(repository, subject);
  }

  /**
   * As {@link #referrers}, without the fallback tag, which is a manifest and may count as a pull:
   * nothing where there is no API, which is remembered.
   */
  public Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return registry.referrersByApi(repository, subject);
  }

  /**
   * Whether the registry's own endpoint has the referrers API, as far as that was seen; nothing
   * before the first {@link #referrers}.
   */
  public Optional<Boolean> hasReferrersApi(RegistryName registry) {
    return this.registry.hasReferrersApi(registry);
  }

  // Files

  /**
   * Reads a file at an address of its own, as chart repositories have them. The credentials and the
   * trust of its host apply.
   *
   * @param address http or https, without user information
   * @param maxBytes refused beyond
   */
  public Future<byte[]> fetchFile(URI address, int maxBytes) {
    return registry.fetchFile(address, maxBytes);
  }

  /**
   * Asks something that is no registry, such as the API of a forge, and gives its answer whatever
   * the status. Nothing is tried again, and no redirect is followed.
   */
  public Future<RestAnswer> ask(RestRequest request) {
    return registry.ask(request);
  }

  // What is known of registries

  /** What the registry last said of its quota; nothing where it has none. */
  public Optional<RateLimit> rateLimit(RegistryName registry) {
    return this.registry.rateLimit(registry);
  }

  /** How many pulls of the registry's quota are to be left to others. */
  public int keepPulls(RegistryName registry) {
    return this.registry.keepPulls(registry);
  }

  /** Requests sent so far, by host and by verb and kind, retries and tokens included. */
  public SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return registry.requestCounts();
  }

  /**
   * Answers by registry and status so far; {@code none} stands for requests without an answer.
   * Retries, redirects and tokens included.
   */
  public SortedMap<String, SortedMap<String, Long>> answerCounts() {
    return registry.answerCounts();
  }

  /** How the endpoints that failed lately are treated, by origin; those that did not are absent. */
  public Map<String, BreakerState> breakers() {
    return registry.breakers();
  }

  /**
   * Closes every connection; done when that is so. An event loop that ends before has listeners of
   * its connections left, which it complains of.
   */
  public Future<Void> shutdown() {
    return registry.shutdown();
  }

  /** Begins {@link #shutdown}. */
  @Override
  public void close() {
    var unused = shutdown();
  }
}
