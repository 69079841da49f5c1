package io.entrepot.registry;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What refers to digests: by the referrers API, or by the fallback tag where a registry has none
 * (distribution-spec 1.1, "Listing Referrers").
 */
final class ReferrerLists {

  private final Calls calls;
  private final Manifests manifests;
  private final Map<Origin, Boolean> hasApi = new ConcurrentHashMap<>();

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

  /** Anything but a list as the answer means that there is no API, which is remembered. */
  private Future<Optional<Referrers>> byApi(Route route, Digest subject) {
    if (Boolean.FALSE.equals(hasApi.get(route.origin()))) {
      return Future.succeededFuture(Optional.empty());
    }
    List<Descriptor> found = new ArrayList<>();
    return new Pages(calls.transport(), (answer, body) -> add(answer, body, found))
        .read(Requests.LIST_REFERRERS.to(route, subject).build())
        .map(
            done -> {
              hasApi.put(route.origin(), true);
              return Optional.of(new Referrers(found, true));
            })
        .recover(cause -> withoutList(route, cause));
  }

  private Future<Optional<Referrers>> withoutList(Route route, Throwable cause) {
    boolean answered =
        cause instanceof RegistryException failure
            && failure.status() != 401
            && failure.status() != 403
            && (!failure.temporary() || failure.code() == ErrorCode.CORRUPT);
    if (!answered) {
      return Future.failedFuture(cause);
    }
    // A registry that has answered properly before is not judged by one bad answer.
    if (Boolean.TRUE.equals(hasApi.get(route.origin()))) {
      return cause instanceof RegistryException failure && failure.status() == 404
          ? Future.succeededFuture(Optional.of(new Referrers(List.of(), true)))
          : Future.failedFuture(cause);
    }
    hasApi.put(route.origin(), false);
    return Future.succeededFuture(Optional.empty());
  }

  private static void add(Answer answer, byte[] body, List<Descriptor> found) {
    String type = answer.header("Content-Type");
    if (type == null || !MediaType.parse(type).equals(MediaType.OCI_INDEX)) {
      throw new MalformedException("not a list of referrers, but " + type);
    }
    if (!(RawManifest.received(type, body, Digest.Algorithm.SHA256).parse()
        instanceof Index index)) {
      throw new MalformedException("not a list of referrers");
    }
    found.addAll(index.manifests());
    if (found.size() > Pages.MAX_ENTRIES) {
      throw new MalformedException("more than %d referrers".formatted(Pages.MAX_ENTRIES));
    }
  }

  private Future<Referrers> byTag(Route route, Repository repository, Digest subject) {
    return Calls.orEmpty(manifests.fetch(route, repository.tagged(Tag.referrersOf(subject))))
        .map(
            manifest ->
                manifest.isPresent() && manifest.get().parse() instanceof Index index
                    ? new Referrers(index.manifests(), false)
                    : new Referrers(List.of(), false));
  }
}
