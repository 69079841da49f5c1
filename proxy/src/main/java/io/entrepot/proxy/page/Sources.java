package io.entrepot.proxy.page;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.store.Eviction;
import io.entrepot.store.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What is looked at.
 *
 * @param maxSize bytes that the store may have
 * @param runs directory with the reports of scheduled mirrors; need not be there
 * @param mirrors names of those that are configured
 * @param since when the server started, from when on things are counted
 */
public record Sources(
    Store store,
    Eviction eviction,
    long maxSize,
    RegistryClient client,
    Map<RegistryName, Upstream> upstreams,
    PullThrough pull,
    ProxyMetrics metrics,
    LockedCopies copies,
    Admission admission,
    Path runs,
    Set<String> mirrors,
    Instant since) {

  /** Copies the collections. */
  public Sources {
    upstreams = Map.copyOf(upstreams);
    mirrors = Set.copyOf(mirrors);
  }
}
