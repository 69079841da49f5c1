package io.entrepot.lock;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlKey;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lock files as text: the same bytes for the same state, read back strictly. */
public final class LockFileCodec {

  private static final String HEADER =
      "# Written by entrepot mirror. Commit it; change mirror.yaml instead of this file.\n";

  private LockFileCodec() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static LockFile read(Path path) {
    return read(YamlDocument.read(path));
  }

  /**
   * Reads a file, or nothing where there is none.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static Optional<LockFile> readIfPresent(Path path) {
    return Files.exists(path) ? Optional.of(read(path)) : Optional.empty();
  }

  /**
   * Reads a text.
   *
   * @param file its name in messages
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static LockFile parse(String file, String text) {
    return read(YamlDocument.parse(file, text));
  }

  /** The text of a lock file: keys sorted, no times, a final newline. */
  public static String format(LockFile lock) {
    StringBuilder text = new StringBuilder(HEADER);
    text.append("version: ").append(lock.version()).append('\n');
    text.append(lock.images().isEmpty() ? "images: {}\n" : "images:\n");
    lock.images()
        .forEach(
            (source, image) -> {
              text.append("  ").append(scalar(source)).append(":\n");
              text.append("    digest: ").append(image.digest()).append('\n');
              if (image.targetDigest() != null) {
                text.append("    targetDigest: ").append(image.targetDigest()).append('\n');
              }
              text.append("    target: ").append(scalar(image.target())).append('\n');
              text.append("    platforms: ")
                  .append(
                      image.platforms().stream()
                          .map(Platform::toString)
                          .collect(Collectors.joining(", ", "[", "]")))
                  .append('\n');
            });
    return text.toString();
  }

  /**
   * Writes a file as a whole or not at all: a temporary file beside it is synced and renamed. The
   * mode of an existing file is kept, a symbolic link is followed, and a file that already says the
   * same is not touched.
   *
   * @return whether the file changed
   */
  public static boolean write(Path path, LockFile lock) throws IOException {
    byte[] bytes = format(lock).getBytes(UTF_8);
    Path file = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
      return false;
    }
    Path directory = parent(file);
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such directory");
    }
    Path temporary = Files.createTempFile(directory, "." + file.getFileName(), ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      takeMode(file, temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return true;
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static void takeMode(Path from, Path to) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    // A temporary file is private; a lock file is to be read by everybody.
    view.setPermissions(
        Files.exists(from)
            ? Files.getPosixFilePermissions(from)
            : PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static LockFile read(YamlDocument document) {
    YamlProperties properties = document.root().properties("version", "images");
    properties
        .require("version")
        .ifPresent(
            version -> {
              if (version
                  .number(0, Integer.MAX_VALUE)
                  .filter(n -> n != LockFile.VERSION)
                  .isPresent()) {
                version.problem(
                    "a version this program does not know; it reads %d"
                        .formatted(LockFile.VERSION));
              }
            });
    SortedMap<ImageReference, LockedImage> images = new TreeMap<>();
    Map<ImageReference, Located> byTarget = new HashMap<>();
    properties
        .require("images")
        .ifPresent(
            all ->
                all.eachProperty(
                    (key, value) ->
                        source(key)
                            .ifPresent(
                                source -> {
                                  LockedImage image = image(source, value);
                                  if (image != null) {
                                    images.put(source, image);
                                    checkTarget(byTarget, key, value, image);
                                  }
                                })));
    document.finish();
    return LockFile.of(images);
  }

  private record Located(int line, Digest digest) {}

  // Several single-architecture sources of one assembled list do share a target and its digest.
  private static void checkTarget(
      Map<ImageReference, Located> byTarget, YamlKey key, YamlValue value, LockedImage image) {
    Located former =
        byTarget.putIfAbsent(image.target(), new Located(key.line(), image.digestAtTarget()));
    if (former != null && !former.digest().equals(image.digestAtTarget())) {
      value.problem(
          "has the target %s of line %d with another digest"
              .formatted(image.target(), former.line()));
    }
  }

  private static Optional<ImageReference> source(YamlKey key) {
    return key.parsed(
        text -> {
          ImageReference source = ImageReference.parse(text);
          if (!source.toString().equals(text)) {
            throw new IllegalArgumentException("not canonical; write " + source);
          }
          LockFile.checkKey(source);
          return source;
        });
  }

  private static @Nullable LockedImage image(ImageReference source, YamlValue value) {
    YamlProperties properties = value.properties("digest", "targetDigest", "target", "platforms");
    Digest digest = parsedDigest(properties.require("digest"));
    Digest targetDigest = parsedDigest(properties.find("targetDigest"));
    ImageReference target =
        properties
            .require("target")
            .flatMap(given -> given.parsed(LockFileCodec::parseTarget))
            .orElse(null);
    List<Platform> platforms = new ArrayList<>();
    properties
        .require("platforms")
        .ifPresent(
            list ->
                list.items()
                    .forEach(item -> item.parsed(Platform::parse).ifPresent(platforms::add)));
    if (digest == null || target == null) {
      return null;
    }
    if (source.digest() != null && !source.digest().equals(digest)) {
      properties.find("digest").ifPresent(given -> given.problem("is not the digest of the key"));
    }
    if (digest.equals(targetDigest)) {
      properties
          .find("targetDigest")
          .ifPresent(given -> given.problem("is the same as digest; leave it out"));
    }
    return new LockedImage(digest, targetDigest, target, platforms);
  }

  private static @Nullable Digest parsedDigest(Optional<YamlValue> value) {
    return value.flatMap(given -> given.parsed(Digest::parse)).orElse(null);
  }

  private static ImageReference parseTarget(String text) {
    ImageReference target = ImageReference.parse(text);
    if (!target.toString().equals(text)) {
      throw new IllegalArgumentException("not canonical; write " + target);
    }
    if (target.tag() == null || target.digest() != null) {
      throw new IllegalArgumentException("expected a tag and no digest");
    }
    return target;
  }

  // A registry given as an IPv6 address starts with a bracket, which would begin a list.
  private static String scalar(ImageReference reference) {
    String text = reference.toString();
    return text.startsWith("[") ? "\"" + text + "\"" : text;
  }
}
