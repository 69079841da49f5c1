package io.entrepot.layout;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The bytes of a layout under their digests: none is believed before it was hashed. */
final class LayoutContents {

  private static final int CHUNK = 256 * 1024;

  private final LayoutFiles files;
  private final String layout;
  private final Map<Digest, Long> sound = new ConcurrentHashMap<>();

  /**
   * @param layout its name in messages
   */
  LayoutContents(LayoutFiles files, String layout) {
    this.files = files;
    this.layout = layout;
  }

  /** Where a digest's bytes lie. */
  static String member(Digest digest) {
    return "blobs/" + digest.algorithm().prefix() + "/" + digest.hex();
  }

  /** A small file as it is. */
  Optional<byte[]> small(String name, int max) {
    try {
      Optional<LayoutFiles.Content> open = files.open(name);
      if (open.isEmpty()) {
        return Optional.empty();
      }
      try (LayoutFiles.Content content = open.get()) {
        if (content.size() > max) {
          throw LayoutFailure.refused(
              layout, name, "has %d bytes; at most %d are read".formatted(content.size(), max));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) content.size());
        while (bytes.hasRemaining()) {
          if (content.read(bytes, bytes.position()) < 0) {
            throw LayoutFailure.corrupt(layout, name, "is cut short");
          }
        }
        return Optional.of(bytes.array());
      }
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /**
   * A manifest; nothing where it is not there.
   *
   * @param type as an entry has it, or null
   */
  Optional<RawManifest> manifest(Digest digest, @Nullable String type) {
    Optional<byte[]> bytes = small(member(digest), RawManifest.MAX_BYTES);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Digest actual = Digest.of(digest.algorithm(), bytes.get());
    if (!actual.equals(digest)) {
      throw LayoutFailure.corrupt(layout, member(digest), "holds the bytes of " + actual);
    }
    try {
      return Optional.of(RawManifest.received(type, bytes.get(), digest.algorithm()));
    } catch (MalformedException e) {
      throw LayoutFailure.refused(layout, member(digest), "is no manifest: " + e.getMessage());
    }
  }

  /** The size of a blob that is there and whose bytes are right; nothing where they are not. */
  Optional<Long> sound(Digest digest) {
    Long known = sound.get(digest);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      Optional<Long> size = size(digest);
      size.ifPresent(
          bytes -> {
            read(digest, bytes, 0, (piece, length) -> true);
            sound.put(digest, bytes);
          });
      return size;
    } catch (RegistryException e) {
      if (e.code() == ErrorCode.DIGEST_INVALID) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Its bytes were hashed on their way into the layout. */
  void written(Digest digest, long size) {
    sound.put(digest, size);
  }

  /** The size of what lies under a digest, in bytes, unread; nothing where there is nothing. */
  Optional<Long> size(Digest digest) {
    try {
      Optional<LayoutFiles.Content> open = files.open(member(digest));
      if (open.isEmpty()) {
        return Optional.empty();
      }
      try (LayoutFiles.Content content = open.get()) {
        return Optional.of(content.size());
      }
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /**
   * Reads all of a blob and hashes it; hands on what lies behind an offset.
   *
   * @param expected bytes, or -1 where nobody said
   * @throws RegistryException before the last piece, where the bytes are not those of the digest
   */
  void read(Digest digest, long expected, long offset, Pieces pieces) {
    String member = member(digest);
    try {
      Optional<LayoutFiles.Content> open = files.open(member);
      if (open.isEmpty()) {
        throw LayoutFailure.absent(ErrorCode.BLOB_UNKNOWN, layout, "file " + member);
      }
      try (LayoutFiles.Content content = open.get()) {
        if (expected >= 0 && content.size() != expected) {
          throw LayoutFailure.corrupt(
              layout, member, "has %d bytes, not %d".formatted(content.size(), expected));
        }
        read(content, digest, offset, pieces);
      }
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  private void read(LayoutFiles.Content content, Digest digest, long offset, Pieces pieces)
      throws IOException {
    MessageDigest hash = digest.algorithm().newMessageDigest();
    long position = 0;
    boolean wanted = true;
    do {
      byte[] bytes = new byte[(int) Math.min(CHUNK, content.size() - position)];
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        if (content.read(buffer, position + buffer.position()) < 0) {
          throw LayoutFailure.corrupt(layout, member(digest), "is cut short");
        }
      }
      hash.update(bytes);
      position += bytes.length;
      if (position == content.size()) {
        Digest actual = Digest.fromHash(digest.algorithm(), hash.digest());
        if (!actual.equals(digest)) {
          throw LayoutFailure.corrupt(layout, member(digest), "holds the bytes of " + actual);
        }
      }
      int skipped = Math.clamp(offset - (position - bytes.length), 0, bytes.length);
      if (skipped < bytes.length) {
        byte[] rest = skipped == 0 ? bytes : Arrays.copyOfRange(bytes, skipped, bytes.length);
        wanted = pieces.take(rest, rest.length);
      }
    } while (wanted && position < content.size());
  }

  /** Hashes everything; the first file that is wrong is named. */
  void verifyAll() {
    try {
      Parallel.map(
          List.copyOf(files.blobs()),
          new Semaphore(Runtime.getRuntime().availableProcessors()),
          name -> {
            verify(name);
            return name;
          });
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  private void verify(String name) {
    Digest digest;
    try {
      String[] parts = name.split("/", -1);
      digest = Digest.parse(parts[1] + ":" + parts[2]);
    } catch (MalformedException | ArrayIndexOutOfBoundsException e) {
      // A file of another program, or of an algorithm that we do not know: nothing names it here.
      return;
    }
    read(digest, -1, 0, (piece, length) -> true);
    size(digest).ifPresent(size -> sound.put(digest, size));
  }

  /** The manifest that an entry points to; nothing where it is not there. */
  Optional<RawManifest> manifest(Descriptor entry) {
    return manifest(entry.digest(), entry.mediaType().value());
  }
}
