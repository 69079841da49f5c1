package io.entrepot.mirror.compose;

import io.entrepot.mirror.compose.Composition.FromFile;
import io.entrepot.mirror.compose.Composition.FromImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a composition is besides its sources: the same recipe of the same sources is the same image.
 */
public final class Recipe {

  private Recipe() {}

  /** A fingerprint over what is asked and over the local files. */
  public static Digest of(Composition composition, List<Platform> platforms) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    line(text, "platforms " + platforms.stream().sorted().toList());
    line(text, "base " + composition.base());
    line(text, "config " + composition.changes());
    try {
      for (Composition.Addition addition : composition.additions()) {
        switch (addition) {
          case FromImage from ->
              line(text, "image %s %s %s".formatted(from.image(), from.path(), from.to()));
          case FromFile from -> local(text, from);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Digest.of(text.toByteArray());
  }

  private static void local(ByteArrayOutputStream text, FromFile from) throws IOException {
    line(text, "file %s %s".formatted(from.to(), from.mode()));
    Path root = from.file();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted().toList()) {
        String name =
            root.equals(file)
                ? String.valueOf(root.getFileName())
                : root.relativize(file).toString();
        String content =
            Files.isDirectory(file)
                ? "folder"
                : "%s %s".formatted(Files.isExecutable(file), Digest.of(Files.readAllBytes(file)));
        line(text, "  %s %s".formatted(name, content));
      }
    }
  }

  private static void line(ByteArrayOutputStream text, String line) {
    text.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
