package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Signatures; the body is being written. */
public final class RegistryClient {
  /**
   * HEAD (GET where HEAD lacks digest/length/type). The descriptor's digest for a tag is what the
   * registry says.
   */
  public Future<Descriptor> resolve(ImageReference reference) {
    return Future.failedFuture("not yet");
  }

  /** resolve, with empty for 404. */
  public Future<Optional<Descriptor>> find(ImageReference reference) {
    return Future.failedFuture("not yet");
  }

  /** GET by digest (verified) or tag; digest in the reference wins. */
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    return Future.failedFuture("not yet");
  }

  /** Streams; whole fetches are verified, last bytes withheld until the digest is right. */
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return Future.failedFuture("not yet");
  }

  /** Small blobs (configs, signatures) into memory, verified, at most maxBytes. */
  public Future<byte[]> fetchBlobBytes(Repository repository, Descriptor blob, int maxBytes) {
    return Future.failedFuture("not yet");
  }

  public Future<Boolean> hasBlob(Repository repository, Descriptor blob) {
    return Future.failedFuture("not yet");
  }

  /** POST(mount)/PUT; assumes the caller knows it is absent (no HEAD). */
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return Future.failedFuture("not yet");
  }

  /** PUT under tag or digest of the reference. */
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    return Future.failedFuture("not yet");
  }

  public Future<List<Tag>> tags(Repository repository) {
    return Future.failedFuture("not yet");
  }

  /** Referrers API, fallback tag where there is none. */
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return Future.failedFuture("not yet");
  }

  public Future<Void> deleteManifest(ImageReference reference) {
    return Future.failedFuture("not yet");
  }

  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return Future.failedFuture("not yet");
  }

  public Optional<RateLimit> rateLimit(RegistryName registry) {
    return Optional.empty();
  }

  public SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return new RequestCounts().snapshot();
  }
}
