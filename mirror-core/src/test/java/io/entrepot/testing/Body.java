package io.entrepot.testing;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Random;

/**
 * The bytes of an answer, opened only when they are sent.
 *
 * @param length bytes
 */
record Body(long length, Opener opener) {

  static final Body NONE = of(new byte[0]);

  /** Opens the bytes from their beginning. */
  interface Opener {
    InputStream open() throws IOException;
  }

  static Body of(byte[] bytes) {
    return new Body(bytes.length, () -> new ByteArrayInputStream(bytes));
  }

  InputStream open() throws IOException {
    return opener.open();
  }

  Body first(long bytes) {
    return new Body(Math.min(bytes, length), opener);
  }

  /** The same length, with the byte in the middle turned over. */
  Body corrupted() {
    long wrong = length / 2;
    return new Body(
        length,
        () ->
            new FilterInputStream(open()) {
              private long position;

              @Override
              public int read() throws IOException {
                int value = super.read();
                if (value >= 0 && position++ == wrong) {
                  return value ^ 0xFF;
                }
                return value;
              }

              @Override
              public int read(byte[] buffer, int offset, int count) throws IOException {
                int read = super.read(buffer, offset, count);
                if (read > 0 && wrong >= position && wrong < position + read) {
                  buffer[offset + (int) (wrong - position)] ^= (byte) 0xFF;
                }
                position += Math.max(0, read);
                return read;
              }
            });
  }

  Body followedBy(int extra) {
    byte[] more = new byte[extra];
    new Random(extra).nextBytes(more);
    return new Body(
        length + extra, () -> new SequenceInputStream(open(), new ByteArrayInputStream(more)));
  }
}
