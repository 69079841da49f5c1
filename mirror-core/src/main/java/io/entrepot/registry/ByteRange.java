package io.entrepot.registry;

/**
 * A part of a blob.
 *
 * @param from the first byte, from 0
 * @param to the last byte, inclusive, or -1 for the end
 */
public record ByteRange(long from, long to) {

  /** Everything. */
  public static final ByteRange ALL = new ByteRange(0, -1);

  /** Checks the order. */
  public ByteRange {
    if (from < 0 || (to >= 0 && to < from)) {
      throw new IllegalArgumentException("not a range: %d-%d".formatted(from, to));
    }
  }

  /** From a position to the end. */
  public static ByteRange from(long offset) {
    return new ByteRange(offset, -1);
  }

  /** Whether this is the whole content. */
  public boolean isAll() {
    return from == 0 && to < 0;
  }

  /** How many bytes of a blob of {@code size} bytes. */
  public long length(long size) {
    return (to < 0 ? size : Math.min(size, to + 1)) - from;
  }
}
