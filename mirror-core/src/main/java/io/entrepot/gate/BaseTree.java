package io.entrepot.gate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The tree as it was in a git revision, written to a temporary directory. Neither the repository's
 * index nor its working tree is touched.
 */
final class BaseTree implements AutoCloseable {

  private static final int MAX_OUTPUT = 64 * 1024;
  private static final long MAX_SECONDS = 120;

  private final Path directory;
  private final Path root;

  private BaseTree(Path directory, Path root) {
    this.directory = directory;
    this.root = root;
  }

  /**
   * Writes out a revision.
   *
   * @param root a directory of the repository, the counterpart of {@link #root()}
   * @throws GateException if there is no repository, no such revision or no git
   */
  static BaseTree of(Path root, String revision) {
    Path directory = temporary();
    BaseTree tree = null;
    try {
      Path top = Path.of(git(root, directory, "rev-parse", "--show-toplevel").strip());
      Path inside = top.relativize(root.toRealPath());
      String commit = commit(root, directory, revision);
      git(top, directory, "read-tree", commit);
      Path files = directory.resolve("tree");
      git(top, directory, "checkout-index", "--all", "--quiet", "--prefix=" + files + "/");
      Path base = files.resolve(inside);
      Files.createDirectories(base);
      tree = new BaseTree(directory, base);
      return tree;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (tree == null) {
        remove(directory);
      }
    }
  }

  private static String commit(Path root, Path directory, String revision) {
    try {
      return git(
              root, directory, "rev-parse", "--verify", "--end-of-options", revision + "^{commit}")
          .strip();
    } catch (GateException e) {
      throw new GateException(
          "--base: there is no revision '%s' here; a shallow clone may lack it (%s)"
              .formatted(revision, e.getMessage()),
          e);
    }
  }

  Path root() {
    return root;
  }

  @Override
  public void close() {
    remove(directory);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("entrepot-base");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String git(Path in, Path scratch, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", in.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("GIT_INDEX_FILE", scratch.resolve("index").toString());
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    Path errors = scratch.resolve("errors");
    builder.redirectError(errors.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new GateException("--base needs git, which cannot be started", e);
    }
    try (InputStream output = process.getInputStream()) {
      process.getOutputStream().close();
      String text = new String(output.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
        throw new GateException("git took longer than %d seconds".formatted(MAX_SECONDS), null);
      }
      if (process.exitValue() != 0) {
        throw new GateException(
            "git %s: %s".formatted(arguments[0], Files.readString(errors).strip()), null);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException stopped = new CancellationException("stopped");
      stopped.initCause(e);
      throw stopped;
    } finally {
      process.destroyForcibly();
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
