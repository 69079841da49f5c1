package io.entrepot.gate.init;

import io.entrepot.gate.CheckSpec;
import io.entrepot.lock.LockFile;
import io.entrepot.oci.Repository;
import io.entrepot.pods.PodList;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be looked at, and how.
 *
 * @param root the tree's root: the directory of check.yaml, or the working directory
 * @param paths files and directories that are read as they stand; empty for the whole tree
 * @param spec what check.yaml asks, or null where there is none: then the tree is looked through
 * @param registries the text of {@code registries:} of that check.yaml, or empty
 * @param pods what clusters run
 * @param target where copies shall go
 * @param firstParty patterns of images that are built here; empty where nothing says so
 * @param offline no registry is asked and nothing is fetched
 * @param sizes whether the manifests of lists are read, for their sizes
 * @param lock what is mirrored already
 * @param cache directory of answers that never change
 */
public record InitRequest(
    Path root,
    List<Path> paths,
    @Nullable CheckSpec spec,
    String registries,
    List<PodList> pods,
    Repository target,
    List<String> firstParty,
    boolean offline,
    boolean sizes,
    Optional<LockFile> lock,
    Path cache) {

  /** Copies. */
  public InitRequest {
    paths = List.copyOf(paths);
    pods = List.copyOf(pods);
    firstParty = List.copyOf(firstParty);
  }
}
