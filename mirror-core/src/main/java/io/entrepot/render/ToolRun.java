package io.entrepot.render;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program, with bounded time and output.
 *
 * @param status its exit status
 * @param output what it printed
 * @param errors the last of what it said on standard error
 */
public record ToolRun(int status, String output, String errors) {

  private static final int MAX_OUTPUT = 64 * 1024 * 1024;
  private static final int MAX_ERRORS = 64 * 1024;

  /** A program that cannot be used. */
  public static final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether there is no such program. */
    public final boolean missing;

    ToolException(String message, boolean missing, Throwable cause) {
      super(message, cause);
      this.missing = missing;
    }
  }

  /**
   * Runs a program to its end.
   *
   * @throws ToolException if there is none, it takes too long or prints too much
   */
  public static ToolRun of(
      List<String> command, Path directory, Map<String, String> environment, Duration timeout)
      throws ToolException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    // Both programs are written in Go and end before a collection of theirs pays: a quarter of the
    // processor time of 160 builds of kustomize.
    builder.environment().putIfAbsent("GOGC", "400");
    String program = command.getFirst();
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ToolException("the program '%s' cannot be started".formatted(program), true, e);
    }
    try {
      process.getOutputStream().close();
      CompletableFuture<byte[]> errors = lastOf(process.getErrorStream());
      CompletableFuture<byte[]> output = reading(process.getInputStream(), MAX_OUTPUT, process);
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ToolException(
            "%s took longer than %d seconds and was stopped"
                .formatted(program, timeout.toSeconds()),
            false,
            new IOException("timeout"));
      }
      byte[] printed = output.join();
      if (printed.length > MAX_OUTPUT) {
        throw new ToolException(
            "%s printed more than %d MiB".formatted(program, MAX_OUTPUT >> 20),
            false,
            new IOException("too much output"));
      }
      return new ToolRun(
          process.exitValue(),
          new String(printed, StandardCharsets.UTF_8),
          new String(errors.join(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ToolException("%s: %s".formatted(program, e.getMessage()), false, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException stopped = new CancellationException("stopped");
      stopped.initCause(e);
      throw stopped;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Reads to the end and keeps the last of it. */
  private static CompletableFuture<byte[]> lastOf(InputStream from) {
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              byte[] last = new byte[0];
              byte[] buffer = new byte[16 * 1024];
              try (from) {
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                  int kept = Math.min(last.length, MAX_ERRORS - n);
                  byte[] joined = Arrays.copyOfRange(last, last.length - kept, last.length + n);
                  System.arraycopy(buffer, 0, joined, kept, n);
                  last = joined;
                }
              } catch (IOException e) {
                // The process was stopped; what came before is what there is.
              }
              result.complete(last);
            });
    return result;
  }

  /** Reads up to one byte more than allowed; then the program is stopped. */
  private static CompletableFuture<byte[]> reading(InputStream from, int most, Process process) {
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              byte[] buffer = new byte[16 * 1024];
              try (from) {
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                  bytes.write(buffer, 0, Math.min(n, most + 1 - bytes.size()));
                  if (bytes.size() > most) {
                    process.destroyForcibly();
                    break;
                  }
                }
                result.complete(bytes.toByteArray());
              } catch (IOException e) {
                // The process was stopped; what came before is what there is.
                result.complete(bytes.toByteArray());
              }
            });
    return result;
  }
}
