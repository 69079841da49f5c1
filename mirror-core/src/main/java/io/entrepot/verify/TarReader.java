package io.entrepot.verify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a tar archive in its order (POSIX.1-2001 pax, ustar, GNU long names).
 *
 * <p>Everything a header says is bounded before it is believed; nothing is written anywhere.
 */
public final class TarReader {

  private static final int BLOCK = 512;
  private static final int MAX_EXTENSION = 1024 * 1024;
  private static final int MAX_NAME = 4096;

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private final byte[] discard = new byte[64 * 1024];
  private long unread;
  private long padding;
  private boolean started;

  /** Reads from uncompressed bytes. */
  public TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * One member of the archive.
   *
   * @param type the type flag; {@code '0'} for every spelling of a regular file
   * @param sparse whether the data is not the file's content in order
   * @param mode the permissions, with the bits for set-user-ID and the like
   */
  public record Entry(
      char type, String name, String linkName, long size, boolean sparse, int mode) {}

  /** What the extension headers before an entry said of it. */
  private static final class Extensions {
    private @Nullable String name;
    private @Nullable String linkName;
    private long size = -1;
    private boolean sparse;
  }

  /** The next member, or null at the end. */
  public @Nullable Entry next() throws IOException {
    Extensions extensions = new Extensions();
    while (true) {
      skip(unread + padding);
      unread = 0;
      padding = 0;
      if (!readHeader()) {
        return null;
      }
      char type = (char) (header[156] & 0xff);
      long size = number(124, 12);
      switch (type) {
        case 'x' -> pax(extension(size), extensions);
        case 'g', 'V', 'M' -> data(size);
        case 'L' -> extensions.name = text(extension(size));
        case 'K' -> extensions.linkName = text(extension(size));
        default -> {
          return entry(type, size, extensions);
        }
      }
    }
  }

  /** The caller has moved the stream behind the data of the member that was returned last. */
  public void passed() {
    unread = 0;
  }

  /** The first bytes of the member that was returned last, or the next ones. */
  public byte[] head(int most) throws IOException {
    int length = (int) Math.min(most, unread);
    byte[] head = in.readNBytes(length);
    if (head.length < length) {
      throw truncated();
    }
    unread -= length;
    return head;
  }

  private Entry entry(char type, long statedSize, Extensions extensions) throws IOException {
    long size = extensions.size >= 0 ? extensions.size : statedSize;
    String name = extensions.name != null ? extensions.name : shortName();
    String linkName = extensions.linkName != null ? extensions.linkName : text(157, 100);
    if (name.length() > MAX_NAME || linkName.length() > MAX_NAME) {
      throw LayerException.notRead("a name of more than %d characters".formatted(MAX_NAME));
    }
    boolean sparse = extensions.sparse || type == 'S';
    if (type == 'S') {
      skipSparseMap();
    }
    boolean regular = type == '0' || type == 0 || type == '7' || type == 'S';
    // Old archives mark a directory by its name alone.
    boolean directory = type == 0 && name.endsWith("/");
    boolean headerOnly = type >= '1' && type <= '6';
    data(headerOnly ? 0 : size);
    return new Entry(directory ? '5' : regular ? '0' : type, name, linkName, size, sparse, mode());
  }

  /** What it says of permissions; none where that cannot be read, which harms nobody else. */
  private int mode() {
    try {
      return (int) (number(100, 8) & 07777);
    } catch (IOException e) {
      return 0;
    }
  }

  private boolean readHeader() throws IOException {
    int length = in.readNBytes(header, 0, BLOCK);
    if (length == 0) {
      return false;
    }
    if (length < BLOCK) {
      throw started ? truncated() : LayerException.broken("not a tar archive");
    }
    if (isZero()) {
      return false;
    }
    if (!checksumHolds()) {
      throw LayerException.broken(
          started ? "a tar header with a wrong checksum" : "not a tar archive");
    }
    started = true;
    return true;
  }

  private boolean isZero() {
    for (byte b : header) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean checksumHolds() throws IOException {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : header[i];
      unsigned += b & 0xff;
      signed += b;
    }
    long stated;
    try {
      stated = number(148, 8);
    } catch (LayerException e) {
      return false;
    }
    return stated == unsigned || stated == signed;
  }

  private String shortName() {
    String name = text(0, 100);
    boolean posix = text(257, 6).equals("ustar") && header[263] == '0';
    String prefix = posix ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** GNU's old sparse format puts further blocks of positions behind the header. */
  private void skipSparseMap() throws IOException {
    byte[] more = header.clone();
    boolean extended = more[482] != 0;
    int blocks = 0;
    while (extended) {
      if (++blocks > MAX_EXTENSION / BLOCK) {
        throw LayerException.notRead("a sparse file of too many pieces");
      }
      if (in.readNBytes(more, 0, BLOCK) < BLOCK) {
        throw truncated();
      }
      extended = more[504] != 0;
    }
  }

  private void data(long size) {
    unread = size;
    padding = (BLOCK - size % BLOCK) % BLOCK;
  }

  private byte[] extension(long size) throws IOException {
    if (size > MAX_EXTENSION) {
      throw LayerException.notRead(
          "an extension header of %d bytes; at most %d are read".formatted(size, MAX_EXTENSION));
    }
    data(size);
    return head((int) size);
  }

  /** Records of the form {@code length key=value\n}. */
  private static void pax(byte[] records, Extensions extensions) throws IOException {
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      int length = decimal(new String(records, at, space - at, StandardCharsets.US_ASCII));
      int end = at + length;
      if (length <= space - at + 1 || end > records.length || end < at) {
        throw LayerException.broken("a pax header that makes no sense");
      }
      String record = new String(records, space + 1, end - space - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals > 0) {
        take(record.substring(0, equals), record.substring(equals + 1), extensions);
      }
      at = end;
    }
  }

  private static void take(String key, String value, Extensions extensions) throws IOException {
    switch (key) {
      case "path" -> extensions.name = value;
      case "linkpath" -> extensions.linkName = value;
      case "size" -> {
        try {
          extensions.size = Long.parseLong(value);
        } catch (NumberFormatException e) {
          throw LayerException.broken("a pax header with the size '" + value.length() + "'", e);
        }
        if (extensions.size < 0) {
          throw LayerException.broken("a pax header with a negative size");
        }
      }
      case "GNU.sparse.name" -> {
        extensions.name = value;
        extensions.sparse = true;
      }
      default -> extensions.sparse |= key.startsWith("GNU.sparse.");
    }
  }

  private static int decimal(String text) throws IOException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw LayerException.broken("a pax header that makes no sense", e);
    }
  }

  /** Octal digits, or GNU's binary form when the highest bit is set. */
  private long number(int offset, int length) throws LayerException {
    if ((header[offset] & 0x80) != 0) {
      boolean negative = (header[offset] & 0x40) != 0;
      for (int i = offset + 1; i < offset + length - 8; i++) {
        negative |= header[i] != 0;
      }
      long value = ByteBuffer.wrap(header).getLong(offset + length - 8);
      if (length == 8) {
        value &= 0x7fffffffffffffffL;
      }
      if (negative || value < 0) {
        throw LayerException.broken("a tar header with an absurd number");
      }
      return value;
    }
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      int digit = header[i];
      if (digit == 0 || digit == ' ') {
        if (value != 0 || digit == 0) {
          break;
        }
        continue;
      }
      if (digit < '0' || digit > '7') {
        throw LayerException.broken("a tar header with a number that is not octal");
      }
      value = value * 8 + (digit - '0');
    }
    return value;
  }

  private String text(int offset, int length) {
    return text(Arrays.copyOfRange(header, offset, offset + length));
  }

  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private void skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      int length = in.read(discard, 0, (int) Math.min(left, discard.length));
      if (length < 0) {
        throw truncated();
      }
      left -= length;
    }
  }

  private static LayerException truncated() {
    return LayerException.broken("the tar archive ends in the middle of a file");
  }
}
