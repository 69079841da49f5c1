package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.vertx.core.Future;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link RegistryClient} asks: registries in the network, or something that holds images and
 * stands in for all of them. Methods return at once and fail with {@link RegistryException}; they
 * mean what the client's methods of the same name say.
 */
public interface Registry {

  /** Says that a repository is about to be written. */
  default void expectPushes(Repository repository) {}

  /** What a name means now. */
  Future<Descriptor> resolve(ImageReference reference);

  /** As {@link #resolve}; nothing where there is no such manifest or repository. */
  default Future<Optional<Descriptor>> find(ImageReference reference) {
    return Calls.orEmpty(resolve(reference));
  }

  /** A manifest's bytes. */
  Future<RawManifest> fetchManifest(ImageReference reference);

  /** As {@link #fetchManifest}; nothing where there is no such manifest or repository. */
  default Future<Optional<RawManifest>> findManifest(ImageReference reference) {
    return Calls.orEmpty(fetchManifest(reference));
  }

  /** As {@link #findManifest(ImageReference)}, and works with what is found. */
  default <T> Future<Optional<T>> findManifest(
      ImageReference reference, Function<RawManifest, Future<T>> work) {
    return findManifest(reference)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : work.apply(found.get()).map(Optional::of));
  }

  /** Puts a manifest under a tag or its digest. */
  Future<Void> pushManifest(ImageReference reference, RawManifest manifest);

  /** Removes a tag or a manifest. */
  Future<Void> deleteManifest(ImageReference reference);

  /** Streams a blob of known size. */
  Future<Void> fetchBlob(Repository repository, Descriptor blob, ByteRange range, BlobSink sink);

  /** Streams a blob whose size is not known. */
  Future<Void> fetchBlob(Repository repository, Digest digest, ByteRange range, BlobSink sink);

  /** The size of a blob in bytes; -1 where it is not told, nothing where it is not there. */
  Future<Optional<Long>> findBlob(Repository repository, Digest digest);

  /** Brings a blob into a repository. */
  Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom);

  /** Removes a blob. */
  Future<Void> deleteBlob(Repository repository, Digest digest);

  /** All tags of a repository. */
  Future<List<Tag>> tags(Repository repository);

  /** What refers to a digest. */
  Future<Referrers> referrers(Repository repository, Digest subject);

  /** As {@link #referrers}; nothing where no API lists them. */
  default Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return referrers(repository, subject).map(Optional::of);
  }

  /**
   * Reads a file at an address that is no registry's, as chart repositories have them.
   *
   * @param maxBytes refused beyond
   */
  default Future<byte[]> fetchFile(URI address, int maxBytes) {
    return Future.failedFuture(
        RegistryException.of(
            ErrorCode.UNSUPPORTED, "GET " + address, "nothing is fetched from the network here"));
  }

  /** Asks something that is no registry. */
  default Future<RestAnswer> ask(RestRequest request) {
    return Future.failedFuture(
        RegistryException.of(ErrorCode.UNSUPPORTED, "nothing but images is here"));
  }

  /** Whether referrers are listed by an API, as far as that was seen. */
  default Optional<Boolean> hasReferrersApi(RegistryName registry) {
    return Optional.of(true);
  }

  /** What was last said of a quota. */
  default Optional<RateLimit> rateLimit(RegistryName registry) {
    return Optional.empty();
  }

  /** How many pulls of a quota are to be left to others. */
  default int keepPulls(RegistryName registry) {
    return 0;
  }

  /** Requests sent so far. */
  default SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return Collections.emptySortedMap();
  }

  /** Answers so far. */
  default SortedMap<String, SortedMap<String, Long>> answerCounts() {
    return Collections.emptySortedMap();
  }

  /** How endpoints that failed are treated. */
  default Map<String, BreakerState> breakers() {
    return Map.of();
  }

  /** Closes what is open. */
  default Future<Void> shutdown() {
    return Future.succeededFuture();
  }
}
