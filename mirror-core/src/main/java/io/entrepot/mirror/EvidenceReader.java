package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.trust.AttachedSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads signatures on one side of a copy. What is read here is read once in the run: it travels
 * along later without another pull.
 */
record EvidenceReader(MirrorSession session, PullAllotment pulls, Side side)
    implements AttachedSource {

  private RegistryClient client() {
    return side == Side.SOURCE ? session.source() : session.target();
  }

  @Override
  public List<Descriptor> referrers(Repository repository, Digest subject) {
    return session
        .referrers(side, repository, subject)
        .orElseGet(
            () ->
                find(repository.tagged(Tag.referrersOf(subject)))
                    .flatMap(list -> manifest(repository.at(list.digest())))
                    .flatMap(list -> ReferrerFinder.entries(subject, list))
                    .orElse(List.of()));
  }

  @Override
  public Optional<Descriptor> find(ImageReference tag) {
    return client().find(tag).await();
  }

  @Override
  public Optional<RawManifest> manifest(ImageReference name) {
    Optional<RawManifest> known = session.manifests().find(Objects.requireNonNull(name.digest()));
    if (known.isPresent()) {
      return known;
    }
    if (side == Side.SOURCE) {
      pulls.require(1);
      pulls.spend();
    }
    try {
      Optional<RawManifest> read = client().findManifest(name).await();
      read.ifPresent(session.manifests()::put);
      return read;
    } catch (RegistryException e) {
      if (e.isLimit() && side == Side.SOURCE) {
        session.budget().exhausted(name.registry());
        throw Stopped.postponed(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public byte[] blob(Repository repository, Descriptor blob, int maxBytes) {
    return client().fetchBlobBytes(repository, blob, maxBytes).await();
  }
}
