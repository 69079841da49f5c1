package io.entrepot.trust.notation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CBOR (RFC 8949) as far as signatures need it, read strictly: a doubled key, an item without a
 * stated length, a number over 64 bits, a fraction, text that is no UTF-8 and bytes after the end
 * are errors. Two programs must never read two digests out of one document.
 */
sealed interface Cbor {

  /** A whole number. */
  record Whole(long value) implements Cbor {}

  /** A string of bytes. */
  record Binary(Bytes value) implements Cbor {}

  /** A string of characters. */
  record Text(String value) implements Cbor {}

  /** Items in their order. */
  record Array(List<Cbor> items) implements Cbor {
    public Array {
      items = List.copyOf(items);
    }
  }

  /** Pairs; each key stands once. */
  record Pairs(Map<Cbor, Cbor> entries) implements Cbor {
    public Pairs {
      entries = Map.copyOf(entries);
    }
  }

  /** An item with a number that says what it means. */
  record Tagged(long tag, Cbor item) implements Cbor {}

  /** {@code false}, {@code true}, {@code null}, {@code undefined} and other simple values. */
  record Simple(long value) implements Cbor {}

  /** Arrays in arrays; envelopes have four levels. */
  int MAX_DEPTH = 16;

  /** Items of one array or map. */
  int MAX_ITEMS = 256;

  /**
   * Reads one item, which must be all that there is.
   *
   * @param what names the document in messages
   * @throws BrokenSignatureException for anything else
   */
  static Cbor parse(byte[] bytes, String what) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    try {
      Cbor item = item(from, 0, what);
      if (from.hasRemaining()) {
        throw new BrokenSignatureException(what + " has bytes after its end");
      }
      return item;
    } catch (BufferUnderflowException e) {
      throw new BrokenSignatureException(what + " is cut off", e);
    }
  }

  private static Cbor item(ByteBuffer from, int depth, String what) {
    if (depth > MAX_DEPTH) {
      throw new BrokenSignatureException(what + " is nested too deeply");
    }
    int head = Byte.toUnsignedInt(from.get());
    int major = head >> 5;
    long argument = argument(from, head & 0x1f, what);
    return switch (major) {
      case 0 -> new Whole(argument);
      case 1 -> new Whole(-1 - argument);
      case 2 -> new Binary(Bytes.of(bytes(from, argument)));
      case 3 -> new Text(text(bytes(from, argument), what));
      case 4 -> array(from, argument, depth, what);
      case 5 -> pairs(from, argument, depth, what);
      case 6 -> new Tagged(argument, item(from, depth + 1, what));
      default -> {
        if ((head & 0x1f) > 24) {
          throw new BrokenSignatureException(what + " holds a fraction");
        }
        yield new Simple(argument);
      }
    };
  }

  /** The number in an item's head: a value, a length, or how many items follow. */
  private static long argument(ByteBuffer from, int info, String what) {
    long argument =
        switch (info) {
          case 24 -> Byte.toUnsignedLong(from.get());
          case 25 -> Short.toUnsignedLong(from.getShort());
          case 26 -> Integer.toUnsignedLong(from.getInt());
          case 27 -> from.getLong();
          case 28, 29, 30, 31 ->
              throw new BrokenSignatureException(what + " holds an item without a stated length");
          default -> info;
        };
    if (argument < 0) {
      throw new BrokenSignatureException(what + " holds a number that is too large");
    }
    return argument;
  }

  private static byte[] bytes(ByteBuffer from, long length) {
    if (length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[(int) length];
    from.get(bytes);
    return bytes;
  }

  private static String text(byte[] bytes, String what) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BrokenSignatureException(what + " holds text that is no UTF-8", e);
    }
  }

  private static Array array(ByteBuffer from, long length, int depth, String what) {
    List<Cbor> items = new ArrayList<>();
    for (long at = 0; at < capped(length, what); at++) {
      items.add(item(from, depth + 1, what));
    }
    return new Array(items);
  }

  private static Pairs pairs(ByteBuffer from, long length, int depth, String what) {
    Map<Cbor, Cbor> entries = new LinkedHashMap<>();
    for (long at = 0; at < capped(length, what); at++) {
      Cbor key = item(from, depth + 1, what);
      if (entries.put(key, item(from, depth + 1, what)) != null) {
        throw new BrokenSignatureException(what + " holds a key twice");
      }
    }
    return new Pairs(entries);
  }

  private static long capped(long length, String what) {
    if (length > MAX_ITEMS) {
      throw new BrokenSignatureException(what + " holds too many items");
    }
    return length;
  }
}
