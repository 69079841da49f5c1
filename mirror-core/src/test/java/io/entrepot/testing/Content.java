package io.entrepot.testing;

import io.entrepot.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Random;

/** The bytes of a blob, which need not all be in memory. */
sealed interface Content {

  /** Bytes. */
  long size();

  /** The bytes from {@code offset} on. */
  InputStream open(long offset) throws IOException;

  /** Kept in memory. */
  final class Held implements Content {

    private final byte[] bytes;

    Held(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public InputStream open(long offset) {
      return new ByteArrayInputStream(bytes, (int) offset, (int) (bytes.length - offset));
    }
  }

  /** Hashed when it was pushed, and let go. */
  record Sunk(long size) implements Content {
    @Override
    public InputStream open(long offset) throws IOException {
      throw new IOException("the test registry did not keep this blob: see sinkAbove");
    }
  }

  /** The same pseudo-random bytes for the same size, made when they are read. */
  record Generated(long size) implements Content {

    private static final int BLOCK = 64 * 1024;
    private static final byte[] PATTERN = pattern();

    @Override
    public InputStream open(long offset) {
      return new Stream(size, offset);
    }

    Digest digest() throws IOException {
      MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
      try (InputStream in = open(0)) {
        byte[] buffer = new byte[BLOCK];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          hash.update(buffer, 0, read);
        }
      }
      return Digest.fromHash(Digest.Algorithm.SHA256, hash.digest());
    }

    private static byte[] pattern() {
      byte[] bytes = new byte[BLOCK];
      new Random(42).nextBytes(bytes);
      return bytes;
    }

    /** The pattern again and again, each time with the block's number in its first bytes. */
    private static final class Stream extends InputStream {
      private final long size;
      private long position;

      Stream(long size, long position) {
        this.size = size;
        this.position = position;
      }

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] buffer, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, buffer.length);
        if (position >= size) {
          return -1;
        }
        int inBlock = (int) (position % BLOCK);
        int read = (int) Math.min(Math.min(count, BLOCK - inBlock), size - position);
        System.arraycopy(PATTERN, inBlock, buffer, offset, read);
        long block = position / BLOCK;
        for (int i = inBlock; i < Math.min(8, inBlock + read); i++) {
          buffer[offset + i - inBlock] ^= (byte) (block >>> (8 * i));
        }
        position += read;
        return read;
      }
    }
  }
}
