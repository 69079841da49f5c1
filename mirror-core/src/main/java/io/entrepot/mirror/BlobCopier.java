package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.BlobPush;
import io.entrepot.registry.BlobPush.Outcome;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.BlobSource;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings blobs into repositories of targets. Each distinct blob is read at a source once for a
 * target's registry: the first image that needs it sends it, the others wait for that and take it
 * over from there, by mounting it or, where the registry does not mount, by copying it inside the
 * target. Nothing is kept in memory or on disk on the way.
 */
final class BlobCopier {

  private final RegistryClient client;
  private final Semaphore slots;

  /** Who holds, or is about to hold, a blob in a registry. */
  private final ConcurrentMap<Key, CompletableFuture<Repository>> holders =
      new ConcurrentHashMap<>();

  private final Set<Place> present = ConcurrentHashMap.newKeySet();
  private final Set<RegistryName> withoutMounts = ConcurrentHashMap.newKeySet();

  BlobCopier(RegistryClient client, int atOnce) {
    this.client = client;
    this.slots = new Semaphore(atOnce);
  }

  private record Key(RegistryName registry, Digest digest) {}

  private record Place(Repository repository, Digest digest) {}

  /**
   * One blob for one image.
   *
   * @param image for messages
   * @param bytes the content where it is in memory already, or null
   * @param progress told of bytes as they travel
   */
  record Order(
      ImageReference image,
      Descriptor blob,
      Repository source,
      Repository target,
      @Nullable Buffer bytes,
      LongConsumer progress) {}

  /** Makes sure that the target holds the blob. */
  Outcome copy(Order order) {
    Place place = new Place(order.target(), order.blob().digest());
    if (present.contains(place)) {
      return Outcome.PRESENT;
    }
    Key key = new Key(order.target().registry(), order.blob().digest());
    while (true) {
      CompletableFuture<Repository> mine = new CompletableFuture<>();
      CompletableFuture<Repository> other = holders.putIfAbsent(key, mine);
      if (other == null) {
        return first(order, key, mine);
      }
      Repository holder = await(other);
      if (holder != null) {
        Outcome outcome = following(order, holder);
        present.add(place);
        return outcome;
      }
      // Whoever was first has failed; another one tries.
      holders.remove(key, other);
    }
  }

  /** A repository of the registry that is known to hold the blob, or null. */
  @Nullable Repository holder(RegistryName registry, Digest digest) {
    CompletableFuture<Repository> holder = holders.get(new Key(registry, digest));
    return holder != null && holder.isDone() && !holder.isCompletedExceptionally()
        ? holder.getNow(null)
        : null;
  }

  /** What was believed of a tree's blobs turned out wrong: they are looked for again. */
  void forget(Repository repository, ImageTree tree) {
    for (ImageTree.Blob blob : tree.blobs(true)) {
      Digest digest = blob.descriptor().digest();
      present.remove(new Place(repository, digest));
      holders.remove(new Key(repository.registry(), digest));
    }
  }

  private Outcome first(Order order, Key key, CompletableFuture<Repository> mine) {
    Parallel.acquire(slots);
    try {
      boolean sameRegistry = order.source().registry().equals(key.registry());
      Outcome outcome =
          has(order) ? Outcome.PRESENT : push(order, sameRegistry ? order.source() : null);
      present.add(new Place(order.target(), order.blob().digest()));
      mine.complete(order.target());
      return outcome;
    } catch (Throwable e) {
      holders.remove(key, mine);
      mine.completeExceptionally(e);
      throw Parallel.unchecked(e);
    } finally {
      slots.release();
    }
  }

  private Outcome following(Order order, Repository holder) {
    if (holder.equals(order.target())) {
      return Outcome.PRESENT;
    }
    Parallel.acquire(slots);
    try {
      // A mount of what is there already is answered like any other, so nothing is asked first
      // unless this registry is known to make us send the bytes.
      if (withoutMounts.contains(holder.registry()) && has(order)) {
        return Outcome.PRESENT;
      }
      Order inside =
          new Order(
              order.image(), order.blob(), holder, order.target(), order.bytes(), order.progress());
      return push(inside, holder);
    } finally {
      slots.release();
    }
  }

  private boolean has(Order order) {
    try {
      return client.hasBlob(order.target(), order.blob()).await();
    } catch (RegistryException e) {
      throw MirrorException.of(
          Side.TARGET, order.image(), "look for blob " + order.blob().digest(), e);
    }
  }

  private Outcome push(Order order, @Nullable Repository mountFrom) {
    String step = "copy blob " + order.blob().digest();
    Source source = new Source(order);
    try {
      BlobPush push = client.pushBlob(order.target(), order.blob(), source, mountFrom).await();
      if (mountFrom != null && push.outcome() == Outcome.UPLOADED) {
        withoutMounts.add(order.target().registry());
      }
      return push.outcome();
    } catch (RegistryException e) {
      Side side = e.equals(source.failure) ? source.side() : Side.TARGET;
      throw MirrorException.of(side, order.image(), step, e);
    }
  }

  /** Reads from memory or from a registry, and remembers if that is what failed. */
  private final class Source implements BlobSource {

    private final Order order;
    private volatile @Nullable Throwable failure;

    Source(Order order) {
      this.order = order;
    }

    Side side() {
      return order.source().registry().equals(order.target().registry())
          ? Side.TARGET
          : Side.SOURCE;
    }

    @Override
    public Future<Void> sendTo(long offset, BlobSink sink) {
      Buffer bytes = order.bytes();
      if (bytes != null) {
        long length = bytes.length() - offset;
        order.progress().accept(length);
        return sink.open(new BlobSink.BlobStart(length, bytes.length()))
            .write(bytes.slice((int) offset, bytes.length()));
      }
      return client
          .fetchBlob(
              order.source(),
              order.blob(),
              offset == 0 ? ByteRange.ALL : ByteRange.from(offset),
              start -> new ProgressSink(sink.open(start), order.progress()))
          .onFailure(cause -> failure = cause);
    }
  }

  private static @Nullable Repository await(CompletableFuture<Repository> other) {
    try {
      return other.get();
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    } catch (ExecutionException e) {
      // Told to whom it happened; here it only means that the blob is not there yet.
      return null;
    }
  }
}
