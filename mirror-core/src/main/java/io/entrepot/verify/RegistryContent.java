package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.RegistryClient;
import java.io.IOException;

/** Content read straight from a repository of a registry. */
public final class RegistryContent implements ImageContent {

  private final RegistryClient client;
  private final Repository repository;

  /** Reads from {@code repository}. */
  public RegistryContent(RegistryClient client, Repository repository) {
    this.client = client;
    this.repository = repository;
  }

  @Override
  public RawManifest manifest(Descriptor descriptor) {
    return client.fetchManifest(repository.at(descriptor.digest())).await();
  }

  @Override
  public byte[] blob(Descriptor descriptor, int maxBytes) {
    return client.fetchBlobBytes(repository, descriptor, maxBytes).await();
  }

  @Override
  public <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException {
    try (BlobPipe pipe = new BlobPipe()) {
      client
          .fetchBlob(repository, descriptor, ByteRange.ALL, start -> pipe.sink())
          .onComplete(pipe::finish);
      return reader.read(pipe.source());
    }
  }
}
