package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** Packs charts. */
public final class TestCharts {

  private TestCharts() {}

  /** A package of {@code helm}, made of these files; it gets a name and a version. */
  public static byte[] packed(String name, String version, Map<String, String> members) {
    Map<String, String> all = new TreeMap<>(members);
    all.merge(
        "Chart.yaml",
        "apiVersion: v2\nname: %s\nversion: %s\n".formatted(name, version),
        (mine, head) -> head + mine);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (Map.Entry<String, String> member : all.entrySet()) {
        byte[] bytes = member.getValue().getBytes(UTF_8);
        gzip.write(header(name + "/" + member.getKey(), bytes.length));
        gzip.write(Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512));
      }
      gzip.write(new byte[1024]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] header(String name, int size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0000000000\0000000000\000%011o\00000000000000\000".formatted(size));
    put(header, 148, "        0");
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
