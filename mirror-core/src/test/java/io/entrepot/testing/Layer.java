package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * A layer: a tar archive, compressed or not, with the same bytes for the same content.
 *
 * <p>Made by {@link #files}, or from any bytes by {@link #of} and {@link #random}.
 */
public final class Layer {

  /** A gzipped OCI layer. */
  public static final MediaType OCI_GZIP =
      new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");

  /** An OCI layer without compression. */
  public static final MediaType OCI_TAR = new MediaType("application/vnd.oci.image.layer.v1.tar");

  /** A gzipped Docker layer. */
  public static final MediaType DOCKER_GZIP =
      new MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip");

  private final MediaType mediaType;
  private final byte[] bytes;
  private final Digest diffId;

  private Layer(MediaType mediaType, byte[] bytes, Digest diffId) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.diffId = diffId;
  }

  /** Any bytes as a layer; they need not be an archive. */
  public static Layer of(MediaType mediaType, byte[] bytes) {
    return new Layer(mediaType, bytes.clone(), Digest.of(bytes));
  }

  /** Pseudo-random bytes, other ones for each seed, said to be a gzipped layer. */
  public static Layer random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return of(OCI_GZIP, bytes);
  }

  /** Begins an archive. */
  public static Files files() {
    return new Files();
  }

  /** What it is in an OCI manifest. */
  public MediaType mediaType() {
    return mediaType;
  }

  /** The blob. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The digest of the blob. */
  public Digest digest() {
    return Digest.of(bytes);
  }

  /** The digest of the archive without compression. */
  public Digest diffId() {
    return diffId;
  }

  /** The entries of an archive (POSIX.1-1988 ustar), in the order in which they are named. */
  public static final class Files {

    private static final int BLOCK = 512;

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

    private Files() {}

    /** A file with mode 0644. */
    public Files file(String path, byte[] content) {
      return entry(path, '0', 0644, "", content);
    }

    /** A file with mode 0755. */
    public Files executable(String path, byte[] content) {
      return entry(path, '0', 0755, "", content);
    }

    /** A program for that processor: an ELF header with mode 0755. */
    public Files program(String path, String architecture) {
      return executable(path, Elf.header(architecture));
    }

    /** A symbolic link. */
    public Files symlink(String path, String target) {
      return entry(path, '2', 0777, target, new byte[0]);
    }

    /** A hard link to an entry of the same archive. */
    public Files hardlink(String path, String target) {
      return entry(path, '1', 0644, target, new byte[0]);
    }

    /** A directory. */
    public Files directory(String path) {
      return entry(path.endsWith("/") ? path : path + "/", '5', 0755, "", new byte[0]);
    }

    /** Removes {@code path} of the layers below (image-spec, "Whiteouts"). */
    public Files whiteout(String path) {
      int slash = path.lastIndexOf('/') + 1;
      return file(path.substring(0, slash) + ".wh." + path.substring(slash), new byte[0]);
    }

    /** Removes everything that the layers below have in a directory. */
    public Files opaque(String directory) {
      return file(directory + "/.wh..wh..opq", new byte[0]);
    }

    /** The archive, gzipped. */
    public Layer gzip() {
      byte[] archive = archive();
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
        gzip.write(archive);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Layer(OCI_GZIP, compressed.toByteArray(), Digest.of(archive));
    }

    /** The archive as it is. */
    public Layer plain() {
      return of(OCI_TAR, archive());
    }

    private byte[] archive() {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(tar.toByteArray());
      whole.writeBytes(new byte[2 * BLOCK]);
      return whole.toByteArray();
    }

    private Files entry(String path, char type, int mode, String target, byte[] content) {
      byte[] header = new byte[BLOCK];
      text(header, 0, 100, path);
      text(header, 100, 8, "%07o".formatted(mode));
      text(header, 108, 8, "0000000");
      text(header, 116, 8, "0000000");
      text(header, 124, 12, "%011o".formatted(content.length));
      text(header, 136, 12, "00000000000");
      text(header, 148, 8, "        ");
      header[156] = (byte) type;
      text(header, 157, 100, target);
      text(header, 257, 6, "ustar");
      text(header, 263, 2, "00");
      int sum = 0;
      for (byte one : header) {
        sum += one & 0xFF;
      }
      text(header, 148, 8, "%06o\0 ".formatted(sum));
      tar.writeBytes(header);
      tar.writeBytes(content);
      tar.writeBytes(new byte[Math.floorMod(-content.length, BLOCK)]);
      return this;
    }

    private static void text(byte[] header, int offset, int most, String text) {
      byte[] bytes = text.getBytes(UTF_8);
      if (bytes.length > most) {
        throw new IllegalArgumentException("too long for a tar header: " + text);
      }
      System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
  }
}
