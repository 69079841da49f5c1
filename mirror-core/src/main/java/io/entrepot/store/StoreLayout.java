package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where things lie below the store's directory.
 *
 * <pre>
 * VERSION                     the layout's number
 * LOCK                        held while a process uses the directory
 * blobs/sha256/ab/abcd…       content: layers, configurations, manifests
 * local/NAME/_manifests|_tags|_blobs      what was pushed here
 * upstream/HOST/NAME/…        what was fetched from elsewhere
 * uploads/ID/                 uploads that can go on
 * ingest/                     temporary files, emptied at start
 * quarantine/                 content whose bytes went bad
 * </pre>
 */
record StoreLayout(Path root) {

  Path version() {
    return root.resolve("VERSION");
  }

  Path lock() {
    return root.resolve("LOCK");
  }

  Path temporary() {
    return root.resolve("ingest");
  }

  Path quarantine() {
    return root.resolve("quarantine");
  }

  Path uploads() {
    return root.resolve("uploads");
  }

  Path upload(UUID id) {
    return uploads().resolve(id.toString());
  }

  Path blobs() {
    return root.resolve("blobs");
  }

  Path blobs(Digest.Algorithm algorithm) {
    return blobs().resolve(algorithm.prefix());
  }

  Path blob(Digest digest) {
    return blobs(digest.algorithm()).resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  Path local() {
    return root.resolve("local");
  }

  Path upstream() {
    return root.resolve("upstream");
  }

  Path repository(RepositoryId id) {
    RegistryName upstream = id.upstream();
    Path base = upstream == null ? local() : upstream().resolve(directoryName(upstream));
    return base.resolve(id.path());
  }

  // A port's colon is no character for a file name everywhere; '+' is in no registry's name.
  private static String directoryName(RegistryName upstream) {
    return upstream.value().replace(':', '+');
  }

  /**
   * The registry whose repositories lie in a directory.
   *
   * @throws MalformedException where it is none's
   */
  static RegistryName registryOf(Path directory) {
    return new RegistryName(directory.getFileName().toString().replace('+', ':'));
  }

  /**
   * The repository whose directory it is.
   *
   * @param base {@link #local()}, or the directory of {@code upstream}
   * @throws MalformedException where the name breaks the grammar
   */
  static RepositoryId repositoryOf(Path base, @Nullable RegistryName upstream, Path directory) {
    return new RepositoryId(upstream, base.relativize(directory).toString().replace('\\', '/'));
  }
}
