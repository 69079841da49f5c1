package io.entrepot.mirror.compose;

import io.entrepot.oci.ImageReference;
import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What an image is composed of.
 *
 * @param base the image below
 * @param additions files on it, later ones over earlier ones
 * @param changes to the base's configuration
 */
public record Composition(ImageReference base, List<Addition> additions, ConfigChanges changes) {

  /** Copies the list. */
  public Composition {
    additions = List.copyOf(additions);
  }

  /** Something that is added. */
  public sealed interface Addition {

    /** Where it goes: an absolute path, or one below a folder that is there. */
    String to();

    /** In mirror.yaml, for messages. */
    FilePosition position();
  }

  /**
   * A file or folder of another image, as that image shows it on each platform.
   *
   * @param path absolute
   */
  public record FromImage(ImageReference image, String path, String to, FilePosition position)
      implements Addition {}

  /**
   * A local file or folder.
   *
   * @param file is there
   * @param mode permissions; without them 0644, and 0755 where it may be executed
   */
  public record FromFile(Path file, String to, OptionalInt mode, FilePosition position)
      implements Addition {}

  /** Every image that something is taken of, the base first. */
  public Set<ImageReference> sources() {
    Set<ImageReference> sources = new LinkedHashSet<>();
    sources.add(base);
    additions.forEach(
        addition -> {
          if (addition instanceof FromImage from) {
            sources.add(from.image());
          }
        });
    return sources;
  }

  /**
   * What changes in the configuration; what is empty stays as the base has it.
   *
   * @param environment each {@code NAME=VALUE}, in the file's order
   * @param labels each {@code NAME=VALUE}, in the file's order
   */
  public record ConfigChanges(
      Optional<String> user,
      Optional<List<String>> entrypoint,
      Optional<List<String>> command,
      List<String> environment,
      Optional<String> workingDirectory,
      List<String> labels) {

    /** Copies the lists. */
    public ConfigChanges {
      environment = List.copyOf(environment);
      labels = List.copyOf(labels);
    }

    /** The base's configuration as it is. */
    public static ConfigChanges none() {
      return new ConfigChanges(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          List.of());
    }
  }
}
