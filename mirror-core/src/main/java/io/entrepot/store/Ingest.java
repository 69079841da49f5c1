package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Content on its way in: a temporary file that becomes visible only by {@link #commit}. Its bytes
 * are hashed here, unless they are hashed on their way to here.
 *
 * <p>Used by one thread at a time; {@link #received()} by any.
 */
public final class Ingest {

  private final Publisher publisher;
  private final Path file;
  private final FileChannel channel;
  private final Digest.@Nullable Algorithm algorithm;
  private final @Nullable MessageDigest hash;
  private final boolean claimed;
  private volatile long received;
  private boolean finished;

  private Ingest(
      Publisher publisher,
      Path file,
      FileChannel channel,
      Digest.@Nullable Algorithm algorithm,
      @Nullable MessageDigest hash,
      boolean claimed) {
    this.publisher = publisher;
    this.file = file;
    this.channel = channel;
    this.algorithm = algorithm;
    this.hash = hash;
    this.claimed = claimed;
  }

  /**
   * @param algorithm of the hash that is taken on the way; null where the caller takes it
   * @param claimed whether the content is to be kept from collectors for a while
   */
  static Ingest create(
      Publisher publisher, Path file, Digest.@Nullable Algorithm algorithm, boolean claimed) {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              StandardOpenOption.READ);
      MessageDigest hash = algorithm == null ? null : algorithm.newMessageDigest();
      return new Ingest(publisher, file, channel, algorithm, hash, claimed);
    } catch (IOException e) {
      throw publisher.failed("cannot create " + file, e);
    }
  }

  /** Goes on with a file left by an earlier process; what it holds is hashed again. */
  static Ingest resume(Publisher publisher, Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.READ);
    try {
      MessageDigest hash = FileHash.of(channel, Digest.Algorithm.SHA256);
      Ingest ingest = new Ingest(publisher, file, channel, Digest.Algorithm.SHA256, hash, true);
      ingest.received = channel.size();
      channel.position(ingest.received);
      return ingest;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes written so far; safe from any thread. */
  public long received() {
    return received;
  }

  /**
   * Appends.
   *
   * @throws StoreException FULL or IO; the bytes that were written before stay readable
   */
  public void write(ByteBuffer bytes) {
    ByteBuffer toHash = bytes.duplicate();
    long position = received;
    try {
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
    } catch (IOException e) {
      throw publisher.failed("cannot write " + file, e);
    }
    if (hash != null) {
      hash.update(toHash);
    }
    received = position;
  }

  /** Another handle for reading what was written so far; it stays good after commit and abort. */
  public FileChannel openReader() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /**
   * Checks size and digest, then makes the content durable and visible. On failure nothing is
   * visible and the temporary file is gone.
   *
   * @param expectedSize bytes, or -1 where nobody said
   * @throws StoreException MISMATCH, FULL or IO
   */
  public StoredContent commit(Digest expected, long expectedSize) {
    return commit(expected, expectedSize, false);
  }

  /**
   * As {@link #commit}, of bytes whose digest the caller has found right on their way.
   *
   * @param size bytes the caller hashed
   */
  public StoredContent commitVerified(Digest verified, long size) {
    return commit(verified, size, true);
  }

  private StoredContent commit(Digest expected, long expectedSize, boolean verified) {
    if (finished) {
      throw new IllegalStateException("ingest is finished");
    }
    try {
      if (expectedSize >= 0 && expectedSize != received) {
        throw new StoreException(
            StoreException.Reason.MISMATCH,
            "%s has %d bytes, %d were stated".formatted(expected, received, expectedSize),
            null);
      }
      // A write that failed half-way leaves bytes behind that were not counted.
      if (channel.size() > received) {
        channel.truncate(received);
      }
      Digest actual = verified ? expected : digest(expected.algorithm());
      if (!actual.equals(expected)) {
        throw new StoreException(
            StoreException.Reason.MISMATCH,
            "the bytes have the digest %s, not %s".formatted(actual, expected),
            null);
      }
      channel.force(true);
      StoredContent content = publisher.publish(file, expected, received, claimed);
      finished = true;
      channel.close();
      return content;
    } catch (IOException e) {
      throw publisher.failed("cannot keep " + expected, e);
    } finally {
      if (!finished) {
        abort();
      }
    }
  }

  private Digest digest(Digest.Algorithm wanted) throws IOException {
    if (hash != null && wanted == algorithm) {
      return Digest.fromHash(wanted, hash.digest());
    }
    return FileHash.digest(channel, wanted);
  }

  /** Drops the temporary file; may be called twice. */
  public void abort() {
    if (finished) {
      return;
    }
    finished = true;
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw publisher.failed("cannot remove " + file, e);
    }
  }

  /** Closes the file and leaves it for {@link UploadFiles#resume}. */
  public void suspend() {
    if (finished) {
      return;
    }
    finished = true;
    try {
      channel.close();
    } catch (ClosedChannelException e) {
      // Closed before: nothing is lost.
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
