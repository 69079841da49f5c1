package io.entrepot.proxy.pull;

import io.entrepot.oci.Digest;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.RepositoryId;

/** A part of a blob that the running fetch will not reach for long: straight from upsink. */
final class FarRange implements LiveBody {

  private final RegistryClient client;
  private final RepositoryId repository;
  private final Digest digest;
  private final Runnable onEnd;

  /**
   * @param onEnd runs once, when nothing more is read
   */
  FarRange(RegistryClient client, RepositoryId repository, Digest digest, Runnable onEnd) {
    this.client = client;
    this.repository = repository;
    this.digest = digest;
    this.onEnd = onEnd;
  }

  @Override
  public void follow(ClientBody body, long from, long end) {
    ClientSink sink = new ClientSink(body);
    client
        .fetchBlob(
            UpstreamRepository.of(repository), digest, new ByteRange(from, end - 1), start -> sink)
        .onComplete(done -> onEnd.run())
        .onComplete(
            result ->
                body.execute(
                    unused -> {
                      if (result.succeeded()) {
                        body.end();
                      } else {
                        body.fail(result.cause());
                      }
                    }));
  }

  @Override
  public void release() {
    onEnd.run();
  }
}
