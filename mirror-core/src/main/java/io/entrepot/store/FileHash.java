package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Hashes of whole files. */
final class FileHash {

  private static final int CHUNK = 1 << 17;

  private FileHash() {}

  /** A hash that took in the file from its start to its end; the channel's position stays. */
  static MessageDigest of(FileChannel channel, Digest.Algorithm algorithm) throws IOException {
    MessageDigest hash = algorithm.newMessageDigest();
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    long position = 0;
    for (int read = channel.read(buffer, position);
        read >= 0;
        read = channel.read(buffer, position)) {
      position += read;
      hash.update(buffer.flip());
      buffer.clear();
    }
    return hash;
  }

  /** The digest of the whole file. */
  static Digest digest(FileChannel channel, Digest.Algorithm algorithm) throws IOException {
    return Digest.fromHash(algorithm, of(channel, algorithm).digest());
  }
}
