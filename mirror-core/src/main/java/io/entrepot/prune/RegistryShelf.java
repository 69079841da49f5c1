package io.entrepot.prune;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;

/** A registry with the distribution's own requests: tags are listed, and DELETE removes. */
final class RegistryShelf implements Shelf {

  private final RegistryClient client;
  private final Semaphore slots;

  RegistryShelf(RegistryClient client, Semaphore slots) {
    this.client = client;
    this.slots = slots;
  }

  @Override
  public List<Held> list(Repository repository) {
    List<Tag> tags;
    try {
      tags = client.tags(repository).await();
    } catch (RegistryException e) {
      if (e.code().isAbsence()) {
        return List.of();
      }
      throw e;
    }
    List<Optional<Descriptor>> meant =
        Parallel.map(tags, slots, tag -> client.find(repository.tagged(tag)).await());
    Map<Digest, Set<Tag>> byDigest = new TreeMap<>();
    for (int i = 0; i < tags.size(); i++) {
      Tag tag = tags.get(i);
      meant
          .get(i)
          .ifPresent(
              each -> byDigest.computeIfAbsent(each.digest(), _ -> new TreeSet<>()).add(tag));
    }
    List<Held> held = new ArrayList<>();
    byDigest.forEach((digest, own) -> held.add(new Held(digest, own, Optional.empty(), 0)));
    return held;
  }

  @Override
  public boolean listsAll() {
    return false;
  }

  @Override
  public Optional<String> forbidden(Repository repository) {
    // A registry says so only when it is asked to remove something.
    return Optional.empty();
  }

  @Override
  public Removal remove(Repository repository, Held manifest) {
    try {
      client.deleteManifest(repository.at(manifest.digest())).await();
    } catch (RegistryException e) {
      if (!e.code().isAbsence()) {
        throw e;
      }
    }
    return Removal.DONE;
  }

  @Override
  public boolean removeWhole(Repository repository) {
    return false;
  }
}
