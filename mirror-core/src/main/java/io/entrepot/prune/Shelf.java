package io.entrepot.prune;

import io.entrepot.oci.Repository;
import java.util.List;
import java.util.Optional;

/** Where manifests of a registry are listed and removed. Methods block and are safe for threads. */
interface Shelf {

  /**
   * Every manifest of a repository that is listed: those with tags, and where {@link #listsAll} all
   * others; empty for a repository that is not there.
   *
   * @throws io.entrepot.registry.RegistryException where a part of it could not be read
   */
  List<Held> list(Repository repository);

  /** Whether manifests without tags are listed too. */
  boolean listsAll();

  /** Why nothing may be removed from a repository, asked before anything is. */
  Optional<String> forbidden(Repository repository);

  /** Removes a manifest with its tags; one that is gone already is no failure. */
  Removal remove(Repository repository, Held manifest);

  /** Removes a repository of which nothing is needed; false where manifests go one by one. */
  boolean removeWhole(Repository repository);

  /** What became of a removal. */
  enum Removal {
    /** It is not there any more. */
    DONE,
    /** It is the last tagged version of a package, which cannot be removed alone. */
    LAST
  }
}
