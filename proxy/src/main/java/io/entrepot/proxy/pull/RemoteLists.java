package io.entrepot.proxy.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lists that upstream has: tags and referrers, asked for once by all who wait. */
public final class RemoteLists {

  /**
   * Tags upstream has; those known here, with a warning, where it cannot be asked.
   *
   * @param tags in order; may grow while it is read
   * @param warning said where the list may be out of date
   */
  public record TagList(NavigableSet<String> tags, @Nullable String warning) {}

  private final RegistryClient client;
  private final RepositoryLoader repositories;
  private final Workers workers;
  private final ProxyMetrics metrics;
  private final SingleFlight<RepositoryId, List<Tag>> tagQuestions = new SingleFlight<>();
  private final SingleFlight<ContentKey, Referrers> referrerQuestions = new SingleFlight<>();
  private final Cache<ContentKey, Referrers> referrers =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(1)).build();

  RemoteLists(
      RegistryClient client, RepositoryLoader repositories, Workers workers, ProxyMetrics metrics) {
    this.client = client;
    this.repositories = repositories;
    this.workers = workers;
    this.metrics = metrics;
  }

  /** All tags of a repository. */
  public Future<TagList> tags(RepositoryId id) {
    return repositories
        .load(id)
        .compose(
            repository ->
                tagQuestions
                    .run(id, () -> client.tags(UpstreamRepository.of(id)))
                    .map(RemoteLists::inOrder)
                    .recover(cause -> known(repository, cause)));
  }

  private Future<TagList> known(StoredRepository repository, Throwable cause) {
    if (!isTemporary(cause) || repository.tags().isEmpty()) {
      return Future.failedFuture(cause);
    }
    metrics.staleServed();
    return Future.succeededFuture(
        new TagList(
            repository.tags().navigableKeySet(),
            "only tags in the cache, upstream could not be asked: " + cause.getMessage()));
  }

  private static TagList inOrder(List<Tag> tags) {
    NavigableSet<String> values = new TreeSet<>();
    tags.forEach(tag -> values.add(tag.value()));
    return new TagList(values, null);
  }

  /** What refers to a digest upstream; what is known here where it cannot be asked. */
  public Future<List<Descriptor>> referrers(RepositoryId id, Digest subject) {
    ContentKey key = new ContentKey(id, subject);
    Referrers known = referrers.getIfPresent(key);
    if (known != null) {
      return Future.succeededFuture(known.descriptors());
    }
    return referrerQuestions
        .run(
            key,
            () ->
                client
                    .referrers(UpstreamRepository.of(id), subject)
                    .onSuccess(found -> referrers.put(key, found)))
        .map(Referrers::descriptors)
        .recover(
            cause ->
                isTemporary(cause)
                    ? repositories
                        .load(id)
                        .compose(repository -> workers.run(() -> repository.referrers(subject)))
                    : Future.failedFuture(cause));
  }

  private static boolean isTemporary(Throwable cause) {
    return cause instanceof RegistryException failure && failure.temporary();
  }
}
