package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.RawManifest;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The memory that the manifests of one image take. Small images need no permission; of large ones
 * there is one at a time in a run, and none may be larger than {@value #MOST} bytes, so that one
 * hostile image ends neither the program nor the other images.
 */
final class ManifestSpace implements AutoCloseable {

  /** Some hundred times the manifests of a usual image. */
  static final long MOST = 16L * 1024 * 1024;

  private static final long SMALL = 1024 * 1024;

  /** What a run allows all of its images together. */
  static final class Limits {

    private static final int READ_AT_ONCE = 16 * 1024 * 1024;
    private static final int LEAST = 1024 * 1024;

    private final Semaphore large = new Semaphore(1);
    private final Semaphore reading = new Semaphore(READ_AT_ONCE);

    /**
     * Reads a manifest; so many bytes are read at once in the run.
     *
     * @param stated what its descriptor says; it may be wrong, and {@value #LEAST} are counted at
     *     least
     */
    <T> T reading(long stated, Supplier<T> read) {
      int bytes = Math.clamp(stated, LEAST, RawManifest.MAX_BYTES);
      try {
        reading.acquire(bytes);
      } catch (InterruptedException e) {
        throw Parallel.interrupted();
      }
      try {
        return read.get();
      } finally {
        reading.release(bytes);
      }
    }
  }

  /** What the manifests of one tree take of it. */
  final class Part {

    private final AtomicLong taken = new AtomicLong();

    private Part() {}

    boolean staysSmall(long bytes) {
      return ManifestSpace.this.staysSmall(bytes);
    }

    boolean grow(long bytes) {
      taken.addAndGet(bytes);
      return ManifestSpace.this.grow(bytes);
    }

    void shrink(long bytes) {
      taken.addAndGet(-bytes);
      ManifestSpace.this.shrink(bytes);
    }

    /** Reads a manifest for which so many bytes were taken; what comes beyond is taken as well. */
    Optional<RawManifest> reading(long stated, Supplier<Optional<RawManifest>> read) {
      Optional<RawManifest> raw = limits.reading(stated, read);
      long more = raw.map(RawManifest::size).orElse(0) - stated;
      if (more > 0) {
        taken.addAndGet(more);
        force(more);
      }
      return raw;
    }

    /** Whether the image takes no more than it may. */
    boolean fits() {
      return ManifestSpace.this.fits();
    }

    /** Nothing of it is held any more. */
    void forget() {
      ManifestSpace.this.shrink(taken.getAndSet(0));
    }
  }

  private final Limits limits;
  private long held;
  private boolean large;

  ManifestSpace(Limits limits) {
    this.limits = limits;
  }

  Part part() {
    return new Part();
  }

  private synchronized boolean fits() {
    return held <= MOST;
  }

  /** Whether so many bytes more keep the image small. */
  private synchronized boolean staysSmall(long bytes) {
    return held + bytes <= SMALL;
  }

  /**
   * So many bytes more are about to be held; waits where another large image is being copied.
   *
   * @return false where that is more than an image may have
   */
  private synchronized boolean grow(long bytes) {
    held += bytes;
    if (held > MOST) {
      return false;
    }
    if (held > SMALL && !large) {
      Parallel.acquire(limits.large);
      large = true;
    }
    return true;
  }

  private synchronized void force(long bytes) {
    held += bytes;
  }

  private synchronized void shrink(long bytes) {
    held -= bytes;
  }

  /** Nothing is held any more. */
  @Override
  public synchronized void close() {
    held = 0;
    if (large) {
      large = false;
      limits.large.release();
    }
  }
}
