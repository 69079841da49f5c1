package io.entrepot.pin;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Renders with {@code helm template}; the chart's dependencies must lie in its {@code charts/}. */
public final class HelmRenderer implements ChartRenderer {

  private static final int SECONDS = 60;

  private final String helm;

  /**
   * @param helm the program
   */
  public HelmRenderer(String helm) {
    this.helm = helm;
  }

  @Override
  public String render(Path chart, String values) throws IOException {
    Path directory = Files.createTempDirectory("entrepot-render-");
    Path file = directory.resolve("values.yaml");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    try {
      Files.writeString(file, values);
      Process process =
          new ProcessBuilder(
                  helm, "template", "entrepot", chart.toString(), "--values", file.toString())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new UnrenderableException("helm template took longer than %d s".formatted(SECONDS));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("stopped").initCause(e);
      } finally {
        process.destroyForcibly();
      }
      if (process.exitValue() != 0) {
        String said = new String(Files.readAllBytes(err), StandardCharsets.UTF_8).strip();
        throw new UnrenderableException(said.isEmpty() ? "helm template failed" : reason(said));
      }
      return Files.readString(out);
    } finally {
      for (Path left : List.of(file, out, err)) {
        Files.deleteIfExists(left);
      }
      Files.delete(directory);
    }
  }

  /** What helm said without its advice. */
  static String reason(String said) {
    return said.lines()
        .map(String::strip)
        .filter(
            line ->
                !line.isEmpty() && !line.startsWith("Use --debug") && !line.startsWith("WARNING"))
        .collect(Collectors.joining("; "))
        .replaceFirst("^Error: ", "");
  }
}
