package io.entrepot.prune;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.BlobPush;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.BlobSource;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.Registry;
import io.entrepot.registry.RegistryException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Manifests of one repository in memory, without blobs. */
final class MemoryRegistry implements Registry {

  private final Map<Digest, RawManifest> manifests = new TreeMap<>();
  private final Map<Tag, Digest> tags = new TreeMap<>();
  private final boolean referrersApi;
  private final List<Digest> deleted = new ArrayList<>();
  private int deletesLeft = Integer.MAX_VALUE;
  private Runnable beforeDelete = () -> {};

  MemoryRegistry(boolean referrersApi) {
    this.referrersApi = referrersApi;
  }

  synchronized void put(RawManifest manifest, @Nullable Tag tag) {
    manifests.put(manifest.digest(), manifest);
    if (tag != null) {
      tags.put(tag, manifest.digest());
    }
  }

  /** From the next removal after so many on, none is answered. */
  synchronized void dieAfter(int deletes) {
    deletesLeft = deletes;
  }

  synchronized void beforeDelete(Runnable action) {
    beforeDelete = action;
  }

  synchronized List<Digest> deleted() {
    return List.copyOf(deleted);
  }

  synchronized Set<Digest> held() {
    return Set.copyOf(manifests.keySet());
  }

  /** Whether a digest can be pulled with all of its entries. */
  synchronized boolean isWhole(Digest digest) {
    Set<Digest> seen = new HashSet<>();
    List<Digest> stack = new ArrayList<>(List.of(digest));
    while (!stack.isEmpty()) {
      Digest each = stack.removeLast();
      RawManifest raw = manifests.get(each);
      if (raw == null) {
        return false;
      }
      if (seen.add(each) && raw.parse() instanceof Index index) {
        index.manifests().forEach(child -> stack.add(child.digest()));
      }
    }
    return true;
  }

  private Optional<RawManifest> look(ImageReference reference) {
    Digest digest =
        reference.digest() != null
            ? reference.digest()
            : tags.get(Objects.requireNonNull(reference.orLatest().tag()));
    return digest == null ? Optional.empty() : Optional.ofNullable(manifests.get(digest));
  }

  private static <T> Future<T> absent(Object what) {
    return Future.failedFuture(
        RegistryException.of(ErrorCode.MANIFEST_UNKNOWN, what + " is not there").withStatus(404));
  }

  @Override
  public synchronized Future<Descriptor> resolve(ImageReference reference) {
    return fetchManifest(reference).map(RawManifest::descriptor);
  }

  @Override
  public synchronized Future<RawManifest> fetchManifest(ImageReference reference) {
    return look(reference).map(Future::succeededFuture).orElseGet(() -> absent(reference));
  }

  @Override
  public synchronized Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    put(manifest, reference.tag());
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> deleteManifest(ImageReference reference) {
    Runnable before;
    synchronized (this) {
      before = beforeDelete;
      beforeDelete = () -> {};
    }
    before.run();
    synchronized (this) {
      if (deletesLeft-- <= 0) {
        throw new Killed();
      }
      Digest digest = Objects.requireNonNull(reference.digest());
      if (manifests.remove(digest) == null) {
        return absent(reference);
      }
      deleted.add(digest);
      tags.values().removeIf(digest::equals);
      return Future.succeededFuture();
    }
  }

  /** The process ends here. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public synchronized Future<List<Tag>> tags(Repository repository) {
    return Future.succeededFuture(List.copyOf(tags.keySet()));
  }

  @Override
  public synchronized Future<Referrers> referrers(Repository repository, Digest subject) {
    List<Descriptor> found = new ArrayList<>();
    for (RawManifest raw : manifests.values()) {
      Manifest manifest = raw.parse();
      if (manifest.subject() != null && manifest.subject().digest().equals(subject)) {
        found.add(raw.descriptor());
      }
    }
    return Future.succeededFuture(new Referrers(found, true));
  }

  @Override
  public Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return referrersApi
        ? referrers(repository, subject).map(Optional::of)
        : Future.succeededFuture(Optional.empty());
  }

  private static <T> Future<T> noBlobs() {
    return Future.failedFuture(new AssertionError("no blob may be asked for"));
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return noBlobs();
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return noBlobs();
  }

  @Override
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    return noBlobs();
  }

  @Override
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return noBlobs();
  }

  @Override
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return noBlobs();
  }
}
