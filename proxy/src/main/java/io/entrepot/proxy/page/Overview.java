package io.entrepot.proxy.page;

import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the registry has done since it was started, and what its store holds.
 *
 * @param hitRate hits of all hits and misses, 0 to 1; 0 where nothing was asked for
 * @param pullsSaved pulls that upstreams which count them did not see
 * @param bytesSaved bytes of upstreams that clients got without a fetch
 * @param joined requests that joined a fetch under way
 */
public record Overview(
    double hitRate,
    long pullsSaved,
    long bytesSaved,
    StoreState store,
    long hits,
    long misses,
    long joined,
    long bytesSent,
    long bytesFetched,
    Instant since) {

  /**
   * How the store is.
   *
   * @param bytes of all content
   * @param maxBytes it may have
   * @param pushedBytes of content that was pushed here; 0 while the store is below its size
   * @param contents blobs and manifests
   * @param trouble why it cannot be written, or null
   * @param evictions contents removed to make room
   * @param quarantinedBytes of files set aside because their bytes are wrong
   * @param corruptions contents found bad
   */
  public record StoreState(
      long bytes,
      long maxBytes,
      long pushedBytes,
      int contents,
      boolean healthy,
      @Nullable String trouble,
      long evictions,
      long quarantinedBytes,
      long corruptions) {}

  /** Looks at memory only. */
  public static Overview of(Sources sources) {
    ProxyMetrics metrics = sources.metrics();
    long hits = metrics.hits();
    long misses = metrics.misses();
    return new Overview(
        hits == 0 ? 0 : (double) hits / (hits + misses),
        metrics.savedPulls(),
        metrics.savedBytes(),
        store(sources),
        hits,
        misses,
        metrics.joined(),
        metrics.sentBytes(),
        metrics.storedBytes(),
        sources.since());
  }

  private static StoreState store(Sources sources) {
    Store store = sources.store();
    StoreException trouble = store.disk().trouble().orElse(null);
    return new StoreState(
        store.contents().bytesSoFar(),
        sources.maxSize(),
        sources.eviction().pushedBytes(),
        store.contents().countSoFar(),
        trouble == null,
        trouble == null ? null : trouble.reason().name().toLowerCase(Locale.ROOT),
        sources.eviction().evictions(),
        store.quarantine().bytes(),
        store.quarantine().corruptions());
  }
}
