package io.entrepot.layout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** A layout that is a directory. No link below it is followed. */
final class DirectoryFiles implements LayoutFiles {

  private static final int MAX_DEPTH = 4;

  private final Path root;
  private final String layout;

  /**
   * @param layout its name in messages
   */
  DirectoryFiles(Path root, String layout) {
    this.root = root;
    this.layout = layout;
  }

  @Override
  public SortedSet<String> blobs() throws IOException {
    SortedSet<String> names = new TreeSet<>();
    Path blobs = root.resolve("blobs");
    if (!Files.exists(blobs, LinkOption.NOFOLLOW_LINKS)) {
      return names;
    }
    Files.walkFileTree(
        blobs,
        Set.of(),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = root.relativize(file).toString();
            if (!attributes.isRegularFile()) {
              throw LayoutFailure.refused(layout, name, "is no plain file, but a link or a device");
            }
            names.add(name);
            return FileVisitResult.CONTINUE;
          }
        });
    return names;
  }

  @Override
  public Optional<Content> open(String name) throws IOException {
    Path file = root;
    for (String part : name.split("/", -1)) {
      file = file.resolve(part);
      if (Files.isSymbolicLink(file)) {
        throw LayoutFailure.refused(layout, root.relativize(file).toString(), "is a link");
      }
    }
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        throw LayoutFailure.refused(layout, name, "is no plain file");
      }
      return Optional.of(
          new OpenFile(FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {}

  private record OpenFile(FileChannel channel, long size) implements Content {

    OpenFile(FileChannel channel) throws IOException {
      this(channel, channel.size());
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return channel.read(target, position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
