package io.entrepot.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What refers to digests: by the referrers API, or by the fallback tag where a registry has none
 * (distribution-spec 1.1, "Listing Referrers").
 *
 * <p>That there is no API is remembered for a repository, for minutes: a registry may answer 404
 * for one repository and have the API for the next, and it may be upgraded while we run.
 */
final class ReferrerLists {

  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int MAX_REPOSITORIES = 10_000;

  private record Place(Origin origin, Repository repository) {
    static Place of(Route route) {
      return new Place(route.origin(), route.repository());
    }
  }

  private final Calls calls;
  private final Manifests manifests;
  private final Map<Origin, Boolean> hasApi = new ConcurrentHashMap<>();
  private final Cache<Place, Boolean> withoutApi =
      Caffeine.newBuilder()
          .maximumSize(MAX_REPOSITORIES)
          .expireAfterWrite(REMEMBERED)
          .executor(Runnable::run)
          .build();

  ReferrerLists(Calls calls, Manifests manifests) {
    this.calls = calls;
    this.manifests = manifests;
  }

  Future<Referrers> referrers(Repository repository, Digest subject) {
    return calls.read(
        repository,
        Requests.LIST_REFERRERS.capability(),
        route ->
            byApi(route, subject)
                .compose(
                    list ->
                        list.isPresent()
                            ? Future.succeededFuture(list.get())
                            : byTag(route, repository, subject)));
  }

  Future<Optional<Referrers>> byApi(Repository repository, Digest subject) {
    return calls.read(
        repository, Requests.LIST_REFERRERS.capability(), route -> byApi(route, subject));
  }

  /** Whether a registry's own endpoint has the API, as far as that was seen. */
  Optional<Boolean> hasApi(Upstream upstream) {
    return Optional.ofNullable(hasApi.get(upstream.owner().origin()));
  }

  private Future<Optional<Referrers>> byApi(Route route, Digest subject) {
    if (withoutApi.getIfPresent(Place.of(route)) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return new Pages<Descriptor>(
            calls.transport(),
            (type, body, leftOut) -> {
              List<Descriptor> page = read(type, body, leftOut);
              // From the first page on a failure is one, and not the lack of an API.
              hasApi.put(route.origin(), true);
              return page;
            },
            Referrers::heapBytes)
        .read(Requests.LIST_REFERRERS.to(route, subject).build())
        .map(found -> Optional.of(new Referrers(found, true)))
        .recover(cause -> withoutList(route, cause));
  }

  /**
   * Anything but a list as the answer means that there is no API for the repository. So does a
   * refusal: where the account may read the repository, the fallback tag shows it.
   */
  private Future<Optional<Referrers>> withoutList(Route route, Throwable cause) {
    if (!(cause instanceof RegistryException failure)
        || (failure.status() == 0 && failure.code() != ErrorCode.CORRUPT)
        || (failure.temporary() && failure.code() != ErrorCode.CORRUPT)) {
      return Future.failedFuture(cause);
    }
    // A registry that has answered properly before is not judged by one bad answer.
    if (Boolean.TRUE.equals(hasApi.get(route.origin()))) {
      return failure.status() == 404
          ? Future.succeededFuture(Optional.of(new Referrers(List.of(), true)))
          : Future.failedFuture(cause);
    }
    hasApi.put(route.origin(), false);
    withoutApi.put(Place.of(route), true);
    return Future.succeededFuture(Optional.empty());
  }

  static List<Descriptor> read(
      @Nullable String contentType, byte[] body, Consumer<String> leftOut) {
    if (contentType == null || !MediaType.parse(contentType).equals(MediaType.OCI_INDEX)) {
      throw new MalformedException("not a list of referrers, but " + contentType);
    }
    return Index.entries(body, Pages.MAX_ENTRIES, leftOut);
  }

  private Future<Referrers> byTag(Route route, Repository repository, Digest subject) {
    return Calls.orEmpty(manifests.fetch(route, repository.tagged(Tag.referrersOf(subject))))
        .map(
            manifest ->
                new Referrers(
                    manifest.map(found -> listed(found, subject)).orElse(List.of()), false));
  }

  /**
   * The entries of what lies under the fallback tag. GitLab's registry resolves the tag to the
   * subject itself, which may be a list, but of platforms.
   */
  private static List<Descriptor> listed(RawManifest found, Digest subject) {
    boolean isSubject = found.digest(subject.algorithm()).equals(subject);
    try {
      return !isSubject && found.parse() instanceof Index index ? index.manifests() : List.of();
    } catch (MalformedException e) {
      // Not a list either.
      return List.of();
    }
  }
}
