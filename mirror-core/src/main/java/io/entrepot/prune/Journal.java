package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a run is about to remove from a repository. A registry does not list manifests without tags:
 * where a run is killed after a list went and before its entries, this tells the next one of them.
 */
final class Journal {

  private final Path directory;

  Journal(Path directory) {
    this.directory = directory;
  }

  /** What an earlier run left; empty where it came to its end. */
  Set<Digest> read(Repository repository) {
    Set<Digest> digests = new TreeSet<>();
    try {
      Path file = file(repository);
      if (Files.isRegularFile(file)) {
        for (String line : Files.readAllLines(file, UTF_8)) {
          digests.add(Digest.parse(line.strip()));
        }
      }
    } catch (MalformedException e) {
      // A file that was cut is worth what could be read of it.
      return digests;
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(directory, e.getMessage()), e);
    }
    return digests;
  }

  void begin(Repository repository, Collection<Digest> digests) {
    Set<Digest> all = read(repository);
    all.addAll(digests);
    try {
      String lines = all.stream().map(digest -> digest + "\n").collect(Collectors.joining());
      WholeFile.write(file(repository), lines.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  void end(Repository repository) {
    try {
      Files.deleteIfExists(file(repository));
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  private Path file(Repository repository) {
    return directory.resolve(
        "prune-" + Digest.of(repository.toString().getBytes(UTF_8)).shortHex(32));
  }
}
