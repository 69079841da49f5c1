package io.entrepot.proxy.pull;

import io.entrepot.oci.Digest;
import io.entrepot.store.RepositoryId;
import org.jspecify.annotations.Nullable;

/**
 * How far a fetch has come.
 *
 * @param repository for which it was begun
 * @param received bytes
 * @param total bytes; null until upstream has said it
 */
public record FillProgress(
    RepositoryId repository, Digest digest, long received, @Nullable Long total) {

  static FillProgress of(BlobFill fill) {
    return new FillProgress(
        fill.repository(),
        fill.digest(),
        fill.received(),
        fill.started().succeeded() && fill.size() >= 0 ? (Long) fill.size() : null);
  }
}
