package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for blobs and sends them, so many at once in the whole run. Nothing is kept in memory or on
 * disk on the way.
 */
final class BlobSender {

  private final RegistryClient source;
  private final RegistryClient target;
  private final Semaphore slots;
  private final Set<RegistryName> withoutMounts = ConcurrentHashMap.newKeySet();

  BlobSender(RegistryClient source, RegistryClient target, int atOnce) {
    this.source = source;
    this.target = target;
    this.slots = new Semaphore(atOnce);
  }

  /**
   * One blob for one image.
   *
   * @param image for messages
   * @param from where it is read
   * @param withinRegistry whether that is a repository of the target's registry
   * @param bytes the content where it is in memory already, or null
   * @param progress told of bytes as they travel
   */
  record Order(
      ImageReference image,
      Descriptor blob,
      Repository from,
      boolean withinRegistry,
      Repository target,
      @Nullable Buffer bytes,
      LongConsumer progress) {}

  /** Whether a repository holds a blob. */
  boolean has(ImageReference image, Repository repository, Descriptor blob) {
    return slotted(() -> holds(image, repository, blob));
  }

  /** Sends a blob from the source, or mounts it where the source is the same registry. */
  Outcome send(Order order) {
    return slotted(() -> push(order));
  }

  /**
   * Takes a blob over from another repository of the registry. A mount of what is there already is
   * answered like any other, so nothing is asked first unless this registry is known to make us
   * send the bytes.
   */
  Outcome takeOver(Order order) {
    return slotted(
        () ->
            withoutMounts.contains(order.target().registry())
                    && holds(order.image(), order.target(), order.blob())
                ? Outcome.PRESENT
                : push(order));
  }

  private <T> T slotted(Supplier<T> work) {
    Parallel.acquire(slots);
    try {
      return work.get();
    } finally {
      slots.release();
    }
  }

  private boolean holds(ImageReference image, Repository repository, Descriptor blob) {
    try {
      return target.hasBlob(repository, blob).await();
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image, "look for blob " + blob.digest(), e);
    }
  }

  private Outcome push(Order order) {
    Source content = new Source(order.withinRegistry() ? target : source, order);
    Repository mountFrom = order.withinRegistry() ? order.from() : null;
    try {
      BlobPush push = target.pushBlob(order.target(), order.blob(), content, mountFrom).await();
      if (mountFrom != null && push.outcome() == Outcome.UPLOADED) {
        withoutMounts.add(order.target().registry());
      }
      return push.outcome();
    } catch (RegistryException e) {
      boolean reading = e.equals(content.failure) && !order.withinRegistry();
      throw MirrorException.of(
          reading ? Side.SOURCE : Side.TARGET,
          order.image(),
          "copy blob " + order.blob().digest(),
          e);
    }
  }

  /** Reads from memory or from a registry, and remembers if that is what failed. */
  private static final class Source implements BlobSource {

    private final RegistryClient client;
    private final Order order;
    private volatile @Nullable Throwable failure;

    Source(RegistryClient client, Order order) {
      this.client = client;
      this.order = order;
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
              order.from(),
              order.blob(),
              offset == 0 ? ByteRange.ALL : ByteRange.from(offset),
              start -> new ProgressSink(sink.open(start), order.progress()))
          .onFailure(cause -> failure = cause);
    }
  }
}
