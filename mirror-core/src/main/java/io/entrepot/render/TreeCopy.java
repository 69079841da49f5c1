package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Set;

/** A copy of a tree to try changes in, without git's own directory. It is there until closed. */
public final class TreeCopy implements AutoCloseable {

  private static final int MOST_FILES = 100_000;
  private static final long MOST_BYTES = 2L << 30;

  /** Directories that no kustomization and no chart lies in. */
  private static final Set<String> SKIPPED = Set.of(".git", "node_modules");

  /** A tree of too many files. */
  public static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }

  private final Path scratch;
  private final Path root;
  private int files;
  private long bytes;

  private TreeCopy(Path scratch, Path root) {
    this.scratch = scratch;
    this.root = root;
  }

  /**
   * Copies parts of a tree. Links that stay inside of it stay links, others become what they lead
   * to.
   *
   * @param tree its root
   * @param parts directories, the root itself or some below it
   * @throws IOException also if they have more than 100,000 files or 2 GiB
   */
  public static TreeCopy of(Path tree, Collection<Path> parts) throws IOException {
    Path scratch = Files.createTempDirectory("entrepot-tree").toRealPath();
    TreeCopy copy = new TreeCopy(scratch, scratch.resolve("tree"));
    try {
      for (Path part : parts) {
        copy.take(tree, part);
      }
    } catch (IOException e) {
      Scratch.remove(scratch);
      throw e;
    }
    return copy;
  }

  /** The root of the copy. */
  public Path root() {
    return root;
  }

  /** Gives a file of the copy another text. */
  public void write(String path, String text) throws IOException {
    Files.writeString(root.resolve(path), text, UTF_8);
  }

  private void take(Path tree, Path part) throws IOException {
    Files.walkFileTree(
        part,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!directory.equals(part)
                && SKIPPED.contains(String.valueOf(directory.getFileName()))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(root.resolve(tree.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path to = root.resolve(tree.relativize(file));
            if (attributes.isSymbolicLink()) {
              link(tree, file, to);
            } else if (attributes.isRegularFile()) {
              file(file, attributes.size(), to);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            // Whatever needs it does not render, and is said to be not proved.
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void link(Path tree, Path link, Path to) throws IOException {
    Path target = Files.readSymbolicLink(link);
    Path real = link.resolveSibling(target).normalize();
    if (!target.isAbsolute() && real.startsWith(tree)) {
      Files.createSymbolicLink(to, target);
    } else if (Files.isRegularFile(link)) {
      file(link.toRealPath(), Files.size(link), to);
    }
  }

  private void file(Path from, long size, Path to) throws IOException {
    files++;
    bytes += size;
    if (files > MOST_FILES || bytes > MOST_BYTES) {
      throw new TooLargeException(
          "the tree has more than %d files or %d GiB".formatted(MOST_FILES, MOST_BYTES >> 30));
    }
    if (Files.isReadable(from)) {
      Files.copy(from, to);
      to.toFile().setWritable(true);
    }
  }

  @Override
  public void close() throws IOException {
    Scratch.remove(scratch);
  }
}
