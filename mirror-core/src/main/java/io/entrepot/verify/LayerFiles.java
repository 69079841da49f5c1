package io.entrepot.verify;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The members of a layer in their order, unpacked, with a bound on everything. */
public final class LayerFiles {

  /** More files than any real image has. */
  static final int MAX_ENTRIES = 1_000_000;

  /** The most bytes a layer may unpack to. */
  static final long MAX_BYTES = 64L << 30;

  /** Unpacked bytes taken of any layer, however small it is packed. */
  private static final long FREE_BYTES = 256L << 20;

  /** Deflate reaches 1032; no honest layer comes near. */
  private static final long MAX_RATIO = 1100;

  private LayerFiles() {}

  /** Takes one member. */
  @FunctionalInterface
  public interface Visitor {

    /** The reader stands at the beginning of the member's data. */
    void member(TarReader.Entry entry, TarReader tar) throws IOException;
  }

  /**
   * Shows every member of a layer.
   *
   * @param packedBytes the layer's size as its descriptor says
   * @throws IOException if it is broken, or not of a known kind, or too large
   */
  public static void each(InputStream blob, long packedBytes, Visitor visitor) throws IOException {
    long limit =
        packedBytes > MAX_BYTES / MAX_RATIO
            ? MAX_BYTES
            : Math.max(FREE_BYTES, packedBytes * MAX_RATIO);
    try (InputStream unpacked = unpacked(blob)) {
      TarReader tar =
          new TarReader(new BufferedInputStream(new Limited(unpacked, limit), 64 * 1024));
      int count = 0;
      for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
        if (++count > MAX_ENTRIES) {
          throw LayerException.notRead("more than %d files in a layer".formatted(MAX_ENTRIES));
        }
        visitor.member(entry, tar);
      }
    } catch (ZipException | EOFException | ZstdIOException e) {
      throw LayerException.broken("the compressed layer is truncated or damaged", e);
    }
  }

  private static InputStream unpacked(InputStream blob) throws IOException {
    BufferedInputStream buffered =
        new BufferedInputStream(blob, 64 * 1024) {
          // GZIPInputStream goes on to the next member only where more seems to be available.
          @Override
          public synchronized int available() {
            return 1;
          }
        };
    buffered.mark(8);
    byte[] magic = buffered.readNBytes(4);
    buffered.reset();
    if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      return new GZIPInputStream(buffered, 64 * 1024);
    }
    boolean zstd =
        magic.length == 4
            && (magic[1] & 0xff) == 0xb5
            && (magic[2] & 0xff) == 0x2f
            && (magic[3] & 0xff) == 0xfd
            && magic[0] == 0x28;
    return zstd ? new ZstdInputStreamNoFinalizer(buffered) : buffered;
  }

  /** Ends a bomb. */
  private static final class Limited extends FilterInputStream {

    private final long limit;
    private long count;

    Limited(InputStream in, long limit) {
      super(in);
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      if (value >= 0) {
        counted(1);
      }
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      if (read > 0) {
        counted(read);
      }
      return read;
    }

    private void counted(int bytes) throws IOException {
      count += bytes;
      if (count > limit) {
        throw LayerException.notRead("the layer unpacks to more than %d bytes".formatted(limit));
      }
    }
  }
}
