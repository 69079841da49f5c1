package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.concurrent.Parallel;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs git in a working tree, reading only. */
final class Git {

  /** Git failed, or is not there. */
  static final class GitException extends Exception {
    private static final long serialVersionUID = 1L;

    GitException(String message) {
      super(message);
    }
  }

  /** Reads what git prints. */
  interface Reader<T> {
    T read(InputStream output) throws IOException;
  }

  private static final long MAX_SECONDS = 600;

  private final Path directory;

  Git(Path directory) {
    this.directory = directory;
  }

  String text(String... arguments) throws GitException {
    return run(List.of(arguments), "", 1, output -> new String(output.readAllBytes(), UTF_8));
  }

  /** The lines that git prints; none where it ends with 1, which for a search is no failure. */
  List<String> found(String... arguments) throws GitException {
    return run(
        List.of(arguments),
        "",
        2,
        output -> new String(output.readAllBytes(), UTF_8).lines().toList());
  }

  <T> T withInput(String input, Reader<T> reader, String... arguments) throws GitException {
    return run(List.of(arguments), input, 1, reader);
  }

  /**
   * @param failing the least exit code that is a failure
   */
  private <T> T run(List<String> arguments, String input, int failing, Reader<T> reader)
      throws GitException {
    List<String> command =
        new ArrayList<>(
            List.of("git", "--no-pager", "-c", "core.quotePath=false", "-C", directory.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().put("GIT_OPTIONAL_LOCKS", "0");
    builder.environment().put("GIT_NO_LAZY_FETCH", "1");
    builder.environment().put("LC_ALL", "C");
    Path errors = temporary();
    builder.redirectError(errors.toFile());
    try {
      Process process;
      try {
        process = builder.start();
      } catch (IOException e) {
        throw new GitException("git cannot be started: " + e.getMessage());
      }
      try {
        Thread writer = Thread.startVirtualThread(() -> write(process, input));
        T result;
        try (InputStream output = new BufferedInputStream(process.getInputStream(), 1 << 16)) {
          result = reader.read(output);
          output.transferTo(OutputStream.nullOutputStream());
        }
        writer.join();
        if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
          throw new GitException("git took longer than %d seconds".formatted(MAX_SECONDS));
        }
        if (process.exitValue() >= failing) {
          throw new GitException(
              "git %s: %s".formatted(arguments.getFirst(), Files.readString(errors).strip()));
        }
        return result;
      } catch (InterruptedException e) {
        throw Parallel.interrupted();
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new GitException("git %s: %s".formatted(arguments.getFirst(), e.getMessage()));
    } finally {
      remove(errors);
    }
  }

  private static void write(Process process, String input) {
    try (OutputStream stream = process.getOutputStream()) {
      stream.write(input.getBytes(UTF_8));
    } catch (IOException e) {
      // Git ended before it had read all of it, which its exit code tells.
      return;
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempFile("entrepot-git", ".err");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
