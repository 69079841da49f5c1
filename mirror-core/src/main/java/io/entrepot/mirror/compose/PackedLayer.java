package io.entrepot.mirror.compose;

import io.entrepot.oci.Digest;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.zip.GZIPOutputStream;

/**
 * A layer: sorted, without times, of user and group 0 (POSIX.1-2001 ustar, pax for long names).
 *
 * @param diffId the digest before packing, which depends on the files alone
 * @param packed gzip, which depends on the compressor too
 */
record PackedLayer(Digest diffId, Buffer packed) {

  private static final int BLOCK = 512;

  static PackedLayer of(SortedMap<String, AddedFiles.Member> members) {
    try {
      byte[] tar = tar(members);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream gzip = new GZIPOutputStream(packed, 64 * 1024)) {
        gzip.write(tar);
      }
      return new PackedLayer(Digest.of(tar), Buffer.buffer(packed.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tar(SortedMap<String, AddedFiles.Member> members) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Map.Entry<String, AddedFiles.Member> each : members.entrySet()) {
      byte[] bytes = each.getValue().bytes().orElse(new byte[0]);
      boolean folder = each.getValue().bytes().isEmpty();
      String name = each.getKey() + (folder ? "/" : "");
      byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
      if (encoded.length > 100 || encoded.length != name.length()) {
        byte[] record = pax("path", name);
        header(out, "pax", record.length, 0644, 'x');
        padded(out, record);
      }
      header(out, name, bytes.length, each.getValue().mode(), folder ? '5' : '0');
      padded(out, bytes);
    }
    out.write(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  /** A record of an extended header, which begins with its own length. */
  private static byte[] pax(String key, String value) {
    String rest = " " + key + "=" + value + "\n";
    int length = rest.getBytes(StandardCharsets.UTF_8).length;
    int whole = length + Integer.toString(length).length();
    whole = length + Integer.toString(whole).length();
    return (whole + rest).getBytes(StandardCharsets.UTF_8);
  }

  private static void header(OutputStream out, String name, int size, int mode, char type)
      throws IOException {
    byte[] block = new byte[BLOCK];
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(encoded, 0, block, 0, Math.min(100, encoded.length));
    text(block, 100, "%07o".formatted(mode));
    text(block, 108, "0000000");
    text(block, 116, "0000000");
    text(block, 124, "%011o".formatted(size));
    text(block, 136, "00000000000");
    block[156] = (byte) type;
    text(block, 257, "ustar");
    text(block, 263, "00");
    text(block, 148, "        ");
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    text(block, 148, "%06o".formatted(sum));
    block[154] = 0;
    out.write(block);
  }

  private static void text(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static void padded(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
    out.write(new byte[(BLOCK - bytes.length % BLOCK) % BLOCK]);
  }
}
