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
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lists that upstream has: tags and referrers, asked for once by all who wait. */
public final class RemoteLists {

  private static final Logger LOG = System.getLogger(RemoteLists.class.getName());

  /** About as much of the heap as remembered lists of referrers may take. */
  private static final long MAX_BYTES = 8L << 20;

  /** About as much of the heap as tags may take that are remembered for clients that page. */
  private static final long MAX_TAG_BYTES = 20L << 20;

  /**
   * Tags upstream has; those known here, with a warning, where it cannot be asked.
   *
   * @param tags in order; may grow while it is read
   * @param warning said where the list may be out of date
   */
  public record TagList(NavigableSet<String> tags, @Nullable String warning) {}

  /**
   * What refers to a digest.
   *
   * @param warning said where the list may be out of date, or null
   */
  public record ReferrerList(List<Descriptor> descriptors, @Nullable String warning) {}

  private final RegistryClient client;
  private final RepositoryLoader repositories;
  private final Workers workers;
  private final ProxyMetrics metrics;
  private final SingleFlight<RepositoryId, TagList> tagQuestions = new SingleFlight<>();
  private final Cache<RepositoryId, TagList> tagLists =
      Caffeine.newBuilder()
          .maximumWeight(MAX_TAG_BYTES)
          .weigher((RepositoryId id, TagList list) -> weight(list))
          .expireAfterWrite(Duration.ofMinutes(5))
          .build();
  private final SingleFlight<ContentKey, Referrers> referrerQuestions = new SingleFlight<>();
  private final Cache<ContentKey, Referrers> referrers =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((ContentKey key, Referrers list) -> Math.toIntExact(list.heapBytes()))
          .expireAfterWrite(Duration.ofMinutes(1))
          .build();

  RemoteLists(
      RegistryClient client, RepositoryLoader repositories, Workers workers, ProxyMetrics metrics) {
    this.client = client;
    this.repositories = repositories;
    this.workers = workers;
    this.metrics = metrics;
  }

  /**
   * All tags of a repository.
   *
   * @param goingOn whether a client goes on with a list that it has begun: its next page is of the
   *     list that its first was of, so that paging costs upstream one pass
   */
  public Future<TagList> tags(RepositoryId id, boolean goingOn) {
    TagList begun = goingOn ? tagLists.getIfPresent(id) : null;
    if (begun != null) {
      return Future.succeededFuture(begun);
    }
    return repositories
        .load(id)
        .compose(
            repository ->
                tagQuestions.run(id, () -> allTags(id)).recover(cause -> known(repository, cause)));
  }

  private Future<TagList> allTags(RepositoryId id) {
    return client
        .tags(UpstreamRepository.of(id))
        .compose(tags -> workers.run(() -> inOrder(tags)))
        .onSuccess(list -> tagLists.put(id, list));
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

  /**
   * What refers to a digest upstream; what is known here, with a warning, where it cannot be asked.
   * Fails where nothing is known: an empty list would say that there is no signature.
   */
  public Future<ReferrerList> referrers(RepositoryId id, Digest subject) {
    ContentKey key = new ContentKey(id, subject);
    Referrers known = referrers.getIfPresent(key);
    if (known != null) {
      return Future.succeededFuture(new ReferrerList(known.descriptors(), null));
    }
    return referrerQuestions
        .run(
            key,
            () ->
                client
                    .referrers(UpstreamRepository.of(id), subject)
                    .onSuccess(found -> referrers.put(key, found)))
        .map(found -> new ReferrerList(found.descriptors(), null))
        .recover(cause -> knownReferrers(id, subject, cause));
  }

  private Future<ReferrerList> knownReferrers(RepositoryId id, Digest subject, Throwable cause) {
    if (!isTemporary(cause)) {
      return Future.failedFuture(cause);
    }
    return repositories
        .load(id)
        .compose(repository -> workers.run(() -> repository.referrers(subject)))
        .compose(
            held -> {
              if (held.isEmpty()) {
                return Future.failedFuture(cause);
              }
              metrics.staleServed();
              String warning =
                  "only referrers in the cache, upstream could not be asked: " + cause.getMessage();
              LOG.log(Level.WARNING, "{0}@{1}: {2}", id, subject, warning);
              return Future.succeededFuture(new ReferrerList(held, warning));
            });
  }

  private static int weight(TagList list) {
    return 512 + list.tags().stream().mapToInt(tag -> 96 + tag.length()).sum();
  }

  private static boolean isTemporary(Throwable cause) {
    return cause instanceof RegistryException failure && failure.temporary();
  }
}
