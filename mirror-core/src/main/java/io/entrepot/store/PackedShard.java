package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Files that nobody asked for yet, 41 bytes each: SHA-256, size and time of use, in the order of
 * digests. An entry is taken out once, by whoever first has to do with the file. Any thread.
 */
final class PackedShard {

  /** A file that was found on the disk. */
  record Found(Digest digest, long size, long lastUsed) {}

  /** Bytes a file may have to be entered here. */
  static final long MAX_SIZE = (1L << 40) - 1;

  private static final int HASH = 32;
  private static final int SIZE = 5;
  private static final int TIME = 4;
  private static final int WIDTH = HASH + SIZE + TIME;
  private static final HexFormat HEX = HexFormat.of();

  private final byte[] data;
  private final int count;
  private final AtomicLongArray taken;

  private PackedShard(byte[] data, int count) {
    this.data = data;
    this.count = count;
    this.taken = new AtomicLongArray((count + Long.SIZE - 1) / Long.SIZE);
  }

  /** Packs files of SHA-256 digests and of at most {@link #MAX_SIZE} bytes, each once. */
  static PackedShard of(List<Found> found) {
    byte[][] rows = new byte[found.size()][];
    for (int i = 0; i < rows.length; i++) {
      Found file = found.get(i);
      byte[] row = Arrays.copyOf(HEX.parseHex(file.digest().hex()), WIDTH);
      write(row, HASH, SIZE, file.size());
      write(row, HASH + SIZE, TIME, Math.clamp(file.lastUsed() / 1000, 0, (1L << 32) - 1));
      rows[i] = row;
    }
    Arrays.sort(rows, (one, other) -> compare(one, 0, other));
    byte[] data = new byte[rows.length * WIDTH];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, data, i * WIDTH, WIDTH);
    }
    return new PackedShard(data, rows.length);
  }

  private static void write(byte[] row, int offset, int length, long value) {
    for (int i = 0; i < length; i++) {
      row[offset + i] = (byte) (value >>> (8 * (length - 1 - i)));
    }
  }

  private long read(int offset, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | (data[offset + i] & 0xff);
    }
    return value;
  }

  private static int compare(byte[] data, int offset, byte[] hash) {
    return Arrays.compareUnsigned(data, offset, offset + HASH, hash, 0, HASH);
  }

  int count() {
    return count;
  }

  /** Where a digest is, taken or not; -1 where it is not. */
  int find(Digest digest) {
    byte[] hash = HEX.parseHex(digest.hex());
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compare(data, middle * WIDTH, hash);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** Takes an entry out; true for one caller only. */
  boolean take(int index) {
    long bit = 1L << index;
    return (taken.getAndUpdate(index / Long.SIZE, bits -> bits | bit) & bit) == 0;
  }

  boolean isTaken(int index) {
    return (taken.get(index / Long.SIZE) & (1L << index)) != 0;
  }

  Digest digest(int index) {
    int from = index * WIDTH;
    return new Digest(Digest.Algorithm.SHA256, HEX.formatHex(data, from, from + HASH));
  }

  long size(int index) {
    return read(index * WIDTH + HASH, SIZE);
  }

  /** Milliseconds since 1970, of whole seconds. */
  long lastUsed(int index) {
    return read(index * WIDTH + HASH + SIZE, TIME) * 1000;
  }
}
