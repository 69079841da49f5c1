package io.entrepot.proxy.handler;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.RemoteLists.ReferrerList;
import io.entrepot.proxy.pull.RemoteLists.TagList;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists: tags, referrers, repositories. */
final class DiscoveryHandler {

  /** Entries on a page at most. */
  private static final int MAX_PAGE = 10_000;

  private static final int REFERRERS_PAGE = 1_000;

  /** Bytes of a page; clients take 4 MiB. */
  private static final long REFERRERS_BYTES = 3L << 20;

  private static final Comparator<Descriptor> BY_DIGEST =
      Comparator.comparing(descriptor -> descriptor.digest().toString());

  private final Store store;
  private final PullThrough pull;
  private final Access access;

  DiscoveryHandler(Store store, PullThrough pull, Access access) {
    this.store = store;
    this.pull = pull;
    this.access = access;
  }

  Future<Response> tags(Exchange exchange, RoutedRepository place, DistributionPath.Tags path) {
    int size = pageSize(exchange);
    boolean goingOn = exchange.query("last") != null;
    return tags(place, goingOn)
        .compose(list -> exchange.onWorker(() -> tags(exchange, path, list, size)));
  }

  private static Response tags(
      Exchange exchange, DistributionPath.Tags path, TagList list, int size) {
    List<Header> headers = new ArrayList<>();
    String warning = list.warning();
    if (warning != null) {
      headers.add(new Header("Warning", Warnings.header(warning)));
    }
    ObjectNode document = JsonMapper.shared().createObjectNode();
    document.put("name", path.name());
    page(
        exchange,
        list.tags(),
        tag -> true,
        size,
        "/v2/" + path.name() + "/tags/list",
        document.putArray("tags"),
        headers);
    return json(document, headers);
  }

  private static Response json(ObjectNode document, List<Header> headers) {
    return Response.Document.json(JsonMapper.shared().writeValueAsBytes(document), headers);
  }

  private Future<TagList> tags(RoutedRepository place, boolean goingOn) {
    if (!place.id().isLocal()) {
      return pull.lists().tags(place.id(), goingOn);
    }
    return pull.repositories()
        .load(place.id())
        .compose(
            repository -> {
              RepositoryId fallback = place.fallback();
              if (!repository.isEmpty()) {
                return Future.succeededFuture(
                    new TagList(repository.tags().navigableKeySet(), null));
              }
              return fallback != null
                  ? pull.lists().tags(fallback, goingOn)
                  : Future.failedFuture(
                      new ApiException(ErrorCode.NAME_UNKNOWN, "no repository " + repository.id()));
            });
  }

  Future<Response> catalog(Exchange exchange) {
    int size = pageSize(exchange);
    return exchange.onWorker(
        () -> {
          ObjectNode document = JsonMapper.shared().createObjectNode();
          List<Header> headers = new ArrayList<>();
          page(
              exchange,
              store.repositories().names().navigableKeySet(),
              name -> access.mayRead(exchange.user(), name),
              size,
              "/v2/_catalog",
              document.putArray("repositories"),
              headers);
          return json(document, headers);
        });
  }

  private static void page(
      Exchange exchange,
      NavigableSet<String> all,
      Predicate<String> wanted,
      int size,
      String address,
      ArrayNode target,
      List<Header> headers) {
    String last = exchange.query("last");
    NavigableSet<String> rest =
        last == null ? all : Collections.unmodifiableNavigableSet(all.tailSet(last, false));
    String end = "";
    int count = 0;
    for (String entry : rest) {
      if (!wanted.test(entry)) {
        continue;
      }
      if (count++ == size) {
        if (size > 0) {
          headers.add(
              new Header(
                  "Link",
                  "<%s?n=%d&last=%s%s>; rel=\"next\""
                      .formatted(address, size, encoded(end), namespace(exchange))));
        }
        return;
      }
      target.add(entry);
      end = entry;
    }
  }

  private static int pageSize(Exchange exchange) {
    String text = exchange.query("n");
    if (text == null) {
      return MAX_PAGE;
    }
    if (!text.matches("[0-9]{1,18}")) {
      throw new ApiException(ErrorCode.PAGINATION_NUMBER_INVALID, "n is a number, 0 or more");
    }
    return (int) Math.min(MAX_PAGE, Long.parseLong(text));
  }

  Future<Response> referrers(Exchange exchange, RoutedRepository place, Digest subject) {
    return find(exchange, place, subject)
        .compose(found -> exchange.onWorker(() -> referrers(exchange, found)));
  }

  private Future<ReferrerList> find(Exchange exchange, RoutedRepository place, Digest subject) {
    if (!place.id().isLocal()) {
      return pull.lists().referrers(place.id(), subject);
    }
    return exchange
        .onWorker(
            () -> {
              StoredRepository repository = store.repositories().open(place.id());
              return repository.isEmpty() && place.fallback() != null
                  ? Optional.<List<Descriptor>>empty()
                  : Optional.of(repository.referrers(subject));
            })
        .compose(
            found -> {
              RepositoryId fallback = place.fallback();
              return found.isEmpty() && fallback != null
                  ? pull.lists().referrers(fallback, subject)
                  : Future.succeededFuture(new ReferrerList(found.orElse(List.of()), null));
            });
  }

  private static Response referrers(Exchange exchange, ReferrerList all) {
    @Nullable String type = mediaType(exchange.query("artifactType"));
    @Nullable String last = exchange.query("last");
    List<Header> headers = new ArrayList<>();
    if (all.warning() != null) {
      headers.add(new Header("Warning", Warnings.header(all.warning())));
    }
    List<Descriptor> page = new ArrayList<>();
    long bytes = 0;
    String end = "";
    // Pages go on after a digest, in whatever order upstream has them.
    for (Descriptor referrer : all.descriptors().stream().sorted(BY_DIGEST).toList()) {
      boolean wanted = type == null || type.isEmpty() || type.equals(referrer.artifactType());
      String digest = referrer.digest().toString();
      if (!wanted || (last != null && digest.compareTo(last) <= 0)) {
        continue;
      }
      int length = Index.json(MediaType.OCI_INDEX, List.of(referrer)).length;
      bytes += length;
      if (page.size() == REFERRERS_PAGE || (bytes > REFERRERS_BYTES && !page.isEmpty())) {
        headers.add(
            new Header(
                "Link",
                "<%s?%slast=%s%s>; rel=\"next\""
                    .formatted(
                        exchange.request().path(),
                        type == null ? "" : "artifactType=" + encoded(type) + "&",
                        encoded(end),
                        namespace(exchange))));
        break;
      }
      page.add(referrer);
      end = digest;
    }
    if (type != null && !type.isEmpty()) {
      headers.add(new Header("OCI-Filters-Applied", "artifactType"));
    }
    return new Response.Document(
        200,
        MediaType.OCI_INDEX.value(),
        Buffer.buffer(Index.json(MediaType.OCI_INDEX, page)),
        headers);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The next page is asked of the same registry (distribution-spec, "Registry Proxying"). */
  private static String namespace(Exchange exchange) {
    String namespace = exchange.query("ns");
    return namespace == null ? "" : "&ns=" + encoded(namespace);
  }

  /** A plus that was sent as it is has become a space; no media type has one. */
  private static @Nullable String mediaType(@Nullable String text) {
    return text == null ? null : text.replace(' ', '+');
  }
}
