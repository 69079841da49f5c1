package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * A set of digests that only grows and is thrown away: at most 90 bytes for each of many, where
 * objects take 180. One thread at a time.
 */
final class DigestSet {

  private static final int HASH = 32;
  private static final int FIRST_SLOTS = 16;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** For each first byte a table of open addresses; a slot that ends in eight zeros is free. */
  private final byte[][] tables = new byte[256][];

  private final int[] counts = new int[256];

  /** SHA-512, and what would look like a free slot. */
  private final Set<Digest> others = new HashSet<>();

  void add(Digest digest) {
    if (digest.algorithm() != Digest.Algorithm.SHA256) {
      others.add(digest);
      return;
    }
    byte[] hash = HexFormat.of().parseHex(digest.hex());
    if (tail(hash, 0) == 0) {
      others.add(digest);
      return;
    }
    int shard = hash[0] & 0xff;
    if (tables[shard] == null) {
      tables[shard] = new byte[FIRST_SLOTS * HASH];
    } else if (counts[shard] >= tables[shard].length / HASH * 3 / 4) {
      tables[shard] = grown(tables[shard]);
    }
    if (insert(tables[shard], hash, 0)) {
      counts[shard]++;
    }
  }

  boolean contains(Digest digest) {
    if (others.contains(digest)) {
      return true;
    }
    if (digest.algorithm() != Digest.Algorithm.SHA256) {
      return false;
    }
    byte[] hash = HexFormat.of().parseHex(digest.hex());
    byte[] table = tables[hash[0] & 0xff];
    if (table == null || tail(hash, 0) == 0) {
      return false;
    }
    int slot = slot(table, hash, 0);
    return tail(table, slot) != 0;
  }

  private static byte[] grown(byte[] table) {
    byte[] grown = new byte[table.length * 2];
    for (int from = 0; from < table.length; from += HASH) {
      if (tail(table, from) != 0) {
        insert(grown, table, from);
      }
    }
    return grown;
  }

  private static boolean insert(byte[] table, byte[] source, int from) {
    int slot = slot(table, source, from);
    boolean fresh = tail(table, slot) == 0;
    System.arraycopy(source, from, table, slot, HASH);
    return fresh;
  }

  /** Where a hash is, or else the free slot where it would be. */
  private static int slot(byte[] table, byte[] source, int from) {
    int slots = table.length / HASH;
    int slot = (int) INTS.get(source, from + 1) & (slots - 1);
    while (true) {
      int offset = slot * HASH;
      if (tail(table, offset) == 0
          || Arrays.equals(table, offset, offset + HASH, source, from, from + HASH)) {
        return offset;
      }
      slot = (slot + 1) & (slots - 1);
    }
  }

  private static long tail(byte[] bytes, int from) {
    return (long) LONGS.get(bytes, from + HASH - Long.BYTES);
  }
}
