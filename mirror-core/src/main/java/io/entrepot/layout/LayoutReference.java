package io.entrepot.layout;

import io.entrepot.oci.MalformedException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image layout as people write it: {@code oci:DIR[:NAME]} or {@code oci-archive:FILE[:NAME]},
 * with skopeo's rule that the first colon of the rest ends the path.
 *
 * @param archive whether it is a tar archive
 * @param path the directory or the file
 * @param name which image in it is meant ({@code org.opencontainers.image.ref.name}), or null
 */
public record LayoutReference(boolean archive, Path path, @Nullable String name) {

  private static final String DIRECTORY = "oci:";
  private static final String ARCHIVE = "oci-archive:";
  private static final int MAX_NAME = 512;

  /** Checks the name. */
  public LayoutReference {
    if (name != null && (name.length() > MAX_NAME || !name.matches("[!-~]+"))) {
      throw new MalformedException(
          "not a name in an image layout: at most %d letters, digits and signs, no spaces"
              .formatted(MAX_NAME));
    }
  }

  /**
   * Reads a layout's reference; nothing for what is none, such as an image in a registry.
   *
   * @throws MalformedException without a path
   */
  public static Optional<LayoutReference> parse(String text) {
    boolean archive = text.startsWith(ARCHIVE);
    if (!archive && !text.startsWith(DIRECTORY)) {
      return Optional.empty();
    }
    String rest = text.substring((archive ? ARCHIVE : DIRECTORY).length());
    int colon = rest.indexOf(':');
    String path = colon < 0 ? rest : rest.substring(0, colon);
    String name = colon < 0 || colon == rest.length() - 1 ? null : rest.substring(colon + 1);
    if (path.isEmpty()) {
      throw new MalformedException(
          "%s names no %s".formatted(text, archive ? "file" : "directory"));
    }
    return Optional.of(new LayoutReference(archive, Path.of(path), name));
  }

  /** The same layout at another path. */
  public LayoutReference at(Path other) {
    return new LayoutReference(archive, other, name);
  }

  /** The layout without a name in it. */
  public LayoutReference whole() {
    return new LayoutReference(archive, path, null);
  }

  @Override
  public String toString() {
    return (archive ? ARCHIVE : DIRECTORY) + path + (name == null ? "" : ":" + name);
  }
}
