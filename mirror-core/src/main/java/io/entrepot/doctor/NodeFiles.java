package io.entrepot.doctor;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.YamlDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file system of a node; paths are as the node's own files write them.
 *
 * @param root where it is found here
 */
record NodeFiles(Path root) {

  Path path(String file) {
    return root.resolve(file.replaceFirst("^/+", ""));
  }

  boolean isFile(String file) {
    return Files.isRegularFile(path(file));
  }

  boolean isDirectory(String file) {
    return Files.isDirectory(path(file));
  }

  /**
   * The text of a file, if it is there.
   *
   * @throws io.entrepot.yaml.ConfigException if it cannot be read
   */
  Optional<String> text(String file) {
    return Files.exists(path(file)) ? Optional.of(YamlDocument.text(path(file))) : Optional.empty();
  }

  FilePosition at(String file, int line) {
    return FilePosition.of(path(file).toString(), line);
  }

  FilePosition at(String file) {
    return at(file, 0);
  }

  /** Files of a directory whose names fit, by name. */
  List<String> list(String directory, String glob) {
    if (!isDirectory(directory)) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(directory), glob)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry)) {
          found.add(directory + "/" + entry.getFileName());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + path(directory), e);
    }
    found.sort(null);
    return found;
  }

  /** The first certificate in a client's folders for an authority. */
  Optional<Path> certificate(String authority, String... folders) {
    for (String folder : folders) {
      List<String> found = list(folder + "/" + authority, "*.crt");
      if (!found.isEmpty()) {
        return Optional.of(path(found.getFirst()));
      }
    }
    return Optional.empty();
  }
}
