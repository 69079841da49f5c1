package io.entrepot.trust;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import java.util.List;
import java.util.Optional;

/**
 * Where signatures and attestations are read. All methods block and throw {@link
 * io.entrepot.registry.RegistryException} where a registry does not answer.
 */
public interface AttachedSource {

  /** What refers to a digest, by the referrers API or by the fallback tag. */
  List<Descriptor> referrers(Repository repository, Digest subject);

  /** What a tag means, without its content; nothing where there is no such tag. */
  Optional<Descriptor> find(ImageReference tag);

  /** A manifest by its digest, verified; nothing where it is not there. */
  Optional<RawManifest> manifest(ImageReference name);

  /** A blob, verified, of at most {@code maxBytes}. */
  byte[] blob(Repository repository, Descriptor blob, int maxBytes);

  /** What a client reads, without anything in between. */
  static AttachedSource of(RegistryClient client) {
    return new AttachedSource() {
      @Override
      public List<Descriptor> referrers(Repository repository, Digest subject) {
        return client.referrers(repository, subject).await().descriptors();
      }

      @Override
      public Optional<Descriptor> find(ImageReference tag) {
        return client.find(tag).await();
      }

      @Override
      public Optional<RawManifest> manifest(ImageReference name) {
        return client.findManifest(name).await();
      }

      @Override
      public byte[] blob(Repository repository, Descriptor blob, int maxBytes) {
        return client.fetchBlobBytes(repository, blob, maxBytes).await();
      }
    };
  }
}
