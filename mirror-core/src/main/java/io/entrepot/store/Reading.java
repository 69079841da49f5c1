package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** Content that is being read; no collector removes it before this is closed. */
public final class Reading implements AutoCloseable {

  private final Digest digest;
  private final FileChannel channel;
  private final IndexEntry entry;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a reader that {@link IndexEntry#beginReading} counted. */
  Reading(Digest digest, FileChannel channel, IndexEntry entry) {
    this.digest = digest;
    this.channel = channel;
    this.entry = entry;
  }

  /** What the bytes are to hash to. */
  public Digest digest() {
    return digest;
  }

  /** The bytes; closed by this. */
  public FileChannel channel() {
    return channel;
  }

  /** Notes that the whole content was hashed and found right. */
  public void markVerified() {
    entry.markVerified();
  }

  IndexEntry entry() {
    return entry;
  }

  /** May be called twice. */
  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      entry.endReading();
      channel.close();
    }
  }
}
