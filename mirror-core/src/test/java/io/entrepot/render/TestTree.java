package io.entrepot.render;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A small tree of files to render. */
public final class TestTree {

  private final Path root;

  TestTree(Path root) {
    this.root = root;
  }

  TestTree file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path root() {
    return root;
  }

  Sources sources() {
    return new Sources(root);
  }

  /** Helm and kustomize by their paths; the test is skipped, and says so, where one is missing. */
  public static RenderTools tools() {
    return new RenderTools(program("helm"), program("kustomize"), RenderTools.DEFAULTS.timeout());
  }

  private static String program(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    // Where Go installs, and where tests/interop/run --install does.
    Stream<String> installed =
        Stream.of(
            System.getProperty("user.home") + "/go/bin",
            Path.of("../tests/interop/work/bin").toAbsolutePath().normalize().toString());
    return Stream.concat(Stream.of(path.split(":", -1)), installed)
        .filter(part -> !part.isEmpty())
        .map(part -> Path.of(part, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseGet(
            () ->
                Assumptions.abort(
                    "SKIPPED: %s is not installed, nothing was rendered".formatted(name)));
  }
}
