package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.verify.ImageContent;
import io.entrepot.verify.RegistryContent;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A repository of a source, read while a plan is made: pulls are set aside before they are made.
 */
final class MeteredContent implements ImageContent {

  private final MirrorSession session;
  private final ImageReference image;
  private final Repository repository;
  private final ImageContent content;
  private final Consumer<Digest> seen;

  /**
   * @param image for messages
   * @param seen takes the digest of each manifest that is read, and all that it names
   */
  MeteredContent(
      MirrorSession session, ImageReference image, Repository repository, Consumer<Digest> seen) {
    this.seen = seen;
    this.session = session;
    this.image = image;
    this.repository = repository;
    this.content = new RegistryContent(session.source(), repository);
  }

  @Override
  public RawManifest manifest(Descriptor descriptor) {
    RawManifest manifest = read(descriptor);
    seen.accept(manifest.digest());
    for (Descriptor child : manifest.parse().children()) {
      seen.accept(child.digest());
    }
    return manifest;
  }

  private RawManifest read(Descriptor descriptor) {
    return session
        .manifests()
        .find(descriptor.digest())
        .orElseGet(
            () -> {
              try (PullAllotment pulls =
                  new PullAllotment(session.budget(), repository.registry(), 0)) {
                pulls.require(1);
                pulls.spend();
                RawManifest read =
                    MirrorException.at(
                        Side.SOURCE,
                        image,
                        "read " + repository.at(descriptor.digest()),
                        () -> content.manifest(descriptor));
                session.manifests().put(read);
                return read;
              }
            });
  }

  @Override
  public byte[] blob(Descriptor descriptor, int maxBytes) {
    return MirrorException.at(
        Side.SOURCE,
        image,
        "read blob " + descriptor.digest(),
        () -> content.blob(descriptor, maxBytes));
  }

  @Override
  public <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException {
    return content.read(descriptor, reader);
  }
}
