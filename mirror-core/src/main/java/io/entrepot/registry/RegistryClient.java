package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryRequest.RequestBody;
import io.entrepot.registry.Transport.Answer;
import io.entrepot.registry.auth.CredentialSource;
import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one client for every registry.
 *
 * <p>Methods return at once and are safe on an event loop; on plain and virtual threads their
 * futures are awaited. All of them fail with {@link RegistryException}, after retries. Reading goes
 * over a registry's endpoints in order; writing goes to its own endpoint ({@link
 * Upstream#owner()}).
 */
public final class RegistryClient implements AutoCloseable {

  private static final String ACCEPT =
      List.of(
                  MediaType.OCI_INDEX,
                  MediaType.DOCKER_LIST,
                  MediaType.OCI_MANIFEST,
                  MediaType.DOCKER_MANIFEST,
                  MediaType.OCI_ARTIFACT)
              .stream()
              .map(MediaType::value)
              .collect(Collectors.joining(", "))
          + ", */*;q=0.1";

  private static final int PAGE = 1000;
  private static final int MAX_LIST_BYTES = 16 * 1024 * 1024;
  private static final int MAX_LIST_ENTRIES = 200_000;
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;[^,]*rel=\"?next\"?");

  private final Vertx vertx;
  private final Transport transport;
  private final Upstreams upstreams;
  private final EndpointChain endpoints;
  private final Map<Origin, Boolean> referrersApi = new ConcurrentHashMap<>();

  /**
   * @param credentials asked, off the event loop, for registries without credentials of their own
   */
  public RegistryClient(
      Vertx vertx,
      ClientSettings settings,
      ForwardProxies proxies,
      CredentialSource credentials,
      Upstreams upstreams) {
    this.vertx = vertx;
    this.upstreams = upstreams;
    this.transport =
        new Transport(vertx, settings, proxies, credentials, upstreams, Clock.systemUTC());
    this.endpoints =
        new EndpointChain(upstreams, new EndpointHealth(transport::isPaused, System::nanoTime));
  }

  /**
   * What a name means now, by HEAD, which no registry counts as a pull; by GET where a registry's
   * answer to HEAD lacks digest, length or type.
   */
  public Future<Descriptor> resolve(ImageReference reference) {
    return chain(
        reference.repository(),
        reference.digest() == null ? Capability.RESOLVE : Capability.PULL,
        route -> {
          RegistryRequest request = manifestRequest(HttpMethod.HEAD, route, reference, 200, 405);
          return transport.send(
              request,
              answer ->
                  transport
                      .discard(answer.response())
                      .compose(
                          read ->
                              described(reference, answer)
                                  .map(Future::succeededFuture)
                                  .orElseGet(
                                      () ->
                                          fetchManifest(route, reference)
                                              .map(RawManifest::descriptor))));
        });
  }

  /** As {@link #resolve}, with nothing where the registry has no such manifest or repository. */
  public Future<Optional<Descriptor>> find(ImageReference reference) {
    return resolve(reference).map(Optional::of).recover(RegistryClient::emptyIfAbsent);
  }

  /**
   * The manifest's bytes. Asked for by digest they have that digest; asked for by tag the digest
   * computed here counts, whatever the registry says.
   */
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    return chain(
        reference.repository(),
        reference.digest() == null ? Capability.RESOLVE : Capability.PULL,
        route -> fetchManifest(route, reference));
  }

  /** As {@link #fetchManifest}, with nothing where the registry has no such manifest. */
  public Future<Optional<RawManifest>> findManifest(ImageReference reference) {
    return fetchManifest(reference).map(Optional::of).recover(RegistryClient::emptyIfAbsent);
  }

  /**
   * Streams a blob, or a part of it, into a sink. A whole blob is verified on the way: the sink
   * never gets the last bytes of a wrong one.
   *
   * @return done when the last byte was written; fails with the sink's own error if it is the sink
   *     that failed
   */
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return onContext(
        () ->
            new BlobDownload(
                    transport, endpoints, repository, blob.digest(), blob.size(), range, sink)
                .run());
  }

  /** As the other, for a blob whose size only the registry knows; the sink is told. */
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return onContext(
        () ->
            BlobDownload.ofUnknownSize(transport, endpoints, repository, digest, range, sink)
                .run());
  }

  /**
   * A small blob in memory, verified.
   *
   * @param maxBytes refused beyond, before anything is fetched
   */
  public Future<byte[]> fetchBlobBytes(Repository repository, Descriptor blob, int maxBytes) {
    if (blob.size() > maxBytes) {
      return Future.failedFuture(
          RegistryException.of(
              ErrorCode.SIZE_INVALID,
              "GET " + repository + "@" + blob.digest(),
              "it has %d bytes, at most %d are read".formatted(blob.size(), maxBytes)));
    }
    MemorySink sink = new MemorySink();
    return fetchBlob(repository, blob, ByteRange.ALL, start -> sink).map(done -> sink.bytes());
  }

  /** Whether a repository holds a blob, by HEAD. */
  public Future<Boolean> hasBlob(Repository repository, Descriptor blob) {
    return findBlob(repository, blob.digest()).map(Optional::isPresent);
  }

  /** The size of a blob, by HEAD; nothing where the repository does not hold it. */
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    return this.<Optional<Long>>chain(
            repository,
            Capability.PULL,
            route -> {
              RegistryRequest request =
                  RegistryRequest.of(
                      HttpMethod.HEAD,
                      "blob",
                      route.upstream(),
                      route.target("blobs/" + digest),
                      Scope.pull(route.repository()),
                      200);
              return transport.send(
                  request,
                  answer ->
                      transport
                          .discard(answer.response())
                          .map(read -> Optional.of(length(answer).orElse(-1L))));
            })
        .recover(RegistryClient::emptyIfAbsent);
  }

  /**
   * Brings a blob into a repository that does not hold it. Asks nothing first: who is not sure asks
   * {@link #hasBlob}.
   *
   * @param mountFrom another repository of the same registry that holds the blob, or null; where
   *     the registry does not mount, the bytes are sent
   */
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    Upstream upstream = upstreams.of(repository.registry());
    return onContext(
        () -> new BlobUpload(transport, upstream, repository, blob, source).run(mountFrom));
  }

  /** A blob that is in memory. */
  public Future<BlobPush> pushBlob(Repository repository, Descriptor blob, byte[] bytes) {
    return pushBlob(
        repository,
        blob,
        (offset, sink) ->
            sink.open(new BlobSink.BlobStart(bytes.length - offset, bytes.length))
                .write(Buffer.buffer(bytes).slice((int) offset, bytes.length)),
        null);
  }

  /**
   * Puts a manifest, exactly as it is, under the reference's tag, or under its digest where there
   * is no tag.
   */
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    Route route = Route.toOwner(upstreams.of(reference.registry()), reference.repository());
    String name = reference.tag() == null ? manifest.digest().toString() : reference.tag().value();
    RegistryRequest request =
        RegistryRequest.of(
                HttpMethod.PUT,
                "manifest",
                route.upstream(),
                route.target("manifests/" + name),
                Scope.push(route.repository()),
                200,
                201,
                202,
                204)
            .header("Content-Type", manifest.mediaType().value())
            .body(new RequestBody.Bytes(Buffer.buffer(manifest.bytes())))
            .slowAnswer();
    return write(request, answer -> acknowledged(request, answer, manifest));
  }

  /** All tags of a repository, in the registry's order. */
  public Future<List<Tag>> tags(Repository repository) {
    return chain(
        repository,
        Capability.RESOLVE,
        route -> {
          RegistryRequest request =
              RegistryRequest.of(
                  HttpMethod.GET,
                  "tags",
                  route.upstream(),
                  route.target("tags/list?n=" + PAGE),
                  Scope.pull(route.repository()),
                  200);
          List<Tag> tags = new ArrayList<>();
          return pages(request, 1, (answer, body) -> addTags(request, body, tags))
              .map(done -> List.copyOf(tags));
        });
  }

  /**
   * What refers to a digest: by the referrers API, or by the fallback tag where a registry has none
   * (distribution-spec 1.1, "Listing Referrers"). Anything but a list as the answer means that
   * there is no API, which is remembered.
   */
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return chain(
        repository,
        Capability.REFERRERS,
        route ->
            Boolean.FALSE.equals(referrersApi.get(route.origin()))
                ? fallbackReferrers(route, repository, subject)
                : apiReferrers(route, subject)
                    .compose(
                        list ->
                            list.isPresent()
                                ? Future.succeededFuture(list.get())
                                : fallbackReferrers(route, repository, subject)));
  }

  /**
   * As {@link #referrers}, without the fallback tag, which is a manifest and may count as a pull:
   * nothing where there is no API, which is remembered.
   */
  public Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return chain(
        repository,
        Capability.REFERRERS,
        route ->
            Boolean.FALSE.equals(referrersApi.get(route.origin()))
                ? Future.succeededFuture(Optional.empty())
                : apiReferrers(route, subject));
  }

  /**
   * Whether the registry's own endpoint has the referrers API, as far as that was seen; nothing
   * before the first {@link #referrers}.
   */
  public Optional<Boolean> hasReferrersApi(RegistryName registry) {
    return Optional.ofNullable(referrersApi.get(upstreams.of(registry).owner().origin()));
  }

  /** Removes a tag, or a manifest with all its tags where the reference has a digest. */
  public Future<Void> deleteManifest(ImageReference reference) {
    return delete("manifest", reference.repository(), "manifests/" + reference.identifier());
  }

  /** Removes a blob from a repository. */
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return delete("blob", repository, "blobs/" + digest);
  }

  /** What the registry last said of its quota; nothing where it has none. */
  public Optional<RateLimit> rateLimit(RegistryName registry) {
    return transport.rateLimit(registry);
  }

  /** How many pulls of the registry's quota are to be left to others. */
  public int keepPulls(RegistryName registry) {
    return upstreams.of(registry).keepPulls();
  }

  /** Requests sent so far, by host and by verb and kind, retries and tokens included. */
  public SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return transport.counts().snapshot();
  }

  /**
   * Answers by registry and status so far; {@code none} stands for requests without an answer.
   * Retries, redirects and tokens included.
   */
  public SortedMap<String, SortedMap<String, Long>> answerCounts() {
    return transport.answers().snapshot();
  }

  /** How the endpoints that failed lately are treated, by origin; those that did not are absent. */
  public Map<String, BreakerState> breakers() {
    return endpoints.health().states();
  }

  @Override
  public void close() {
    transport.close();
  }

  private <T> Future<T> chain(
      Repository repository, Capability capability, Function<Route, Future<T>> request) {
    return onContext(() -> transport.retry(() -> endpoints.ask(repository, capability, request)));
  }

  /** Everything of one call happens on one event loop, so that its state needs no locks. */
  private <T> Future<T> onContext(Supplier<Future<T>> call) {
    if (Vertx.currentContext() != null) {
      return call.get();
    }
    Promise<T> promise = Promise.promise();
    vertx.getOrCreateContext().runOnContext(start -> call.get().onComplete(promise));
    return promise.future();
  }

  private Future<RawManifest> fetchManifest(Route route, ImageReference reference) {
    RegistryRequest request = manifestRequest(HttpMethod.GET, route, reference, 200);
    return transport.send(
        request,
        answer ->
            transport
                .read(request, answer.response(), RawManifest.MAX_BYTES)
                .compose(bytes -> manifest(request, reference, answer, bytes)));
  }

  private static Future<RawManifest> manifest(
      RegistryRequest request, ImageReference reference, Answer answer, byte[] bytes) {
    Digest wanted = reference.digest();
    try {
      RawManifest manifest =
          RawManifest.received(
              answer.header("Content-Type"),
              bytes,
              wanted == null ? Digest.Algorithm.SHA256 : wanted.algorithm());
      if (wanted != null && !manifest.digest().equals(wanted)) {
        return Future.failedFuture(
            corrupt(request, "the manifest's bytes have the digest " + manifest.digest()));
      }
      return Future.succeededFuture(manifest);
    } catch (MalformedException e) {
      return Future.failedFuture(
          request
              .failure(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()))
              .withStatus(answer.status())
              .withCause(e));
    }
  }

  private static RegistryRequest manifestRequest(
      HttpMethod method, Route route, ImageReference reference, int... expected) {
    return RegistryRequest.of(
            method,
            "manifest",
            route.upstream(),
            route.target("manifests/" + reference.identifier()),
            Scope.pull(route.repository()),
            expected)
        .header("Accept", ACCEPT);
  }

  /** What the headers of a HEAD say; empty where they do not say enough. */
  private static Optional<Descriptor> described(ImageReference reference, Answer answer) {
    String digest = answer.header("Docker-Content-Digest");
    String type = answer.header("Content-Type");
    Optional<Long> length = length(answer);
    if (answer.status() != 200 || digest == null || type == null || length.isEmpty()) {
      return Optional.empty();
    }
    try {
      Descriptor descriptor =
          Descriptor.of(MediaType.parse(type), Digest.parse(digest.strip()), length.get());
      boolean agrees = reference.digest() == null || reference.digest().equals(descriptor.digest());
      return agrees && (descriptor.mediaType().isManifest() || reference.digest() != null)
          ? Optional.of(descriptor)
          : Optional.empty();
    } catch (MalformedException e) {
      // The GET that follows tells what is there.
      return Optional.empty();
    }
  }

  private static Optional<Long> length(Answer answer) {
    String length = answer.header("Content-Length");
    return length != null && length.matches("[0-9]{1,18}")
        ? Optional.of(Long.parseLong(length))
        : Optional.empty();
  }

  private static Future<Void> acknowledged(
      RegistryRequest request, Answer answer, RawManifest manifest) {
    String digest = answer.header("Docker-Content-Digest");
    boolean differs =
        digest != null
            && digest.startsWith(manifest.digest().algorithm().prefix() + ":")
            && !digest.strip().equals(manifest.digest().toString());
    return differs
        ? Future.failedFuture(
            corrupt(
                request,
                "the registry stored %s instead of %s".formatted(digest, manifest.digest())))
        : Future.succeededFuture();
  }

  private interface PageReader {
    void read(Answer answer, byte[] body);
  }

  private Future<Void> pages(RegistryRequest request, int number, PageReader reader) {
    if (number > transport.settings().maximumPages()) {
      return Future.failedFuture(corrupt(request, "a list of endless pages"));
    }
    return transport.send(
        request,
        answer ->
            transport
                .read(request, answer.response(), MAX_LIST_BYTES)
                .compose(
                    body -> {
                      try {
                        reader.read(answer, body);
                      } catch (MalformedException e) {
                        return Future.failedFuture(
                            corrupt(request, String.valueOf(e.getMessage())));
                      }
                      return nextPage(request, answer, number, reader);
                    }));
  }

  private Future<Void> nextPage(
      RegistryRequest request, Answer answer, int number, PageReader reader) {
    String link = answer.header("Link");
    Matcher next = NEXT.matcher(link == null ? "" : link);
    if (!next.find()) {
      return Future.succeededFuture();
    }
    Target target;
    try {
      target = request.target().resolve(next.group(1));
    } catch (MalformedException e) {
      return Future.failedFuture(corrupt(request, "next page at " + e.getMessage()));
    }
    if (!target.origin().equals(request.target().origin())) {
      return Future.failedFuture(
          transport.refusal(request, "the next page is at " + target.origin() + ", refused", null));
    }
    if (target.equals(request.target())) {
      return Future.failedFuture(corrupt(request, "a page that names itself as the next"));
    }
    return pages(request.at(target), number + 1, reader);
  }

  private static void addTags(RegistryRequest request, byte[] body, List<Tag> tags) {
    JsonNode list;
    try {
      list = JsonMapper.shared().readTree(body).path("tags");
    } catch (JacksonException e) {
      throw new MalformedException("not a list of tags: " + e.getOriginalMessage(), e);
    }
    for (JsonNode tag : list) {
      if (tags.size() >= MAX_LIST_ENTRIES) {
        throw new MalformedException(
            "more than %d tags at %s".formatted(MAX_LIST_ENTRIES, request.target().redacted()));
      }
      tags.add(new Tag(tag.asString("")));
    }
  }

  private Future<Optional<Referrers>> apiReferrers(Route route, Digest subject) {
    RegistryRequest request =
        RegistryRequest.of(
                HttpMethod.GET,
                "referrers",
                route.upstream(),
                route.target("referrers/" + subject),
                Scope.pull(route.repository()),
                200)
            .header("Accept", MediaType.OCI_INDEX.value())
            // GHCR has answered with a redirect to a web page: that is no API.
            .withoutRedirects();
    List<Descriptor> found = new ArrayList<>();
    return pages(request, 1, (answer, body) -> addReferrers(answer, body, found))
        .map(
            done -> {
              referrersApi.put(route.origin(), true);
              return Optional.of(new Referrers(found, true));
            })
        .recover(
            cause -> {
              boolean answered =
                  cause instanceof RegistryException failure
                      && failure.status() != 401
                      && failure.status() != 403
                      && (!failure.temporary() || failure.code() == ErrorCode.CORRUPT);
              if (!answered) {
                return Future.failedFuture(cause);
              }
              // A registry that has answered properly before is not judged by one bad answer.
              if (Boolean.TRUE.equals(referrersApi.get(route.origin()))) {
                return cause instanceof RegistryException failure && failure.status() == 404
                    ? Future.succeededFuture(Optional.of(new Referrers(List.of(), true)))
                    : Future.failedFuture(cause);
              }
              referrersApi.put(route.origin(), false);
              return Future.succeededFuture(Optional.empty());
            });
  }

  private static void addReferrers(Answer answer, byte[] body, List<Descriptor> found) {
    String type = answer.header("Content-Type");
    if (type == null || !MediaType.parse(type).equals(MediaType.OCI_INDEX)) {
      throw new MalformedException("not a list of referrers, but " + type);
    }
    if (!(RawManifest.received(type, body, Digest.Algorithm.SHA256).parse()
        instanceof Index index)) {
      throw new MalformedException("not a list of referrers");
    }
    found.addAll(index.manifests());
    if (found.size() > MAX_LIST_ENTRIES) {
      throw new MalformedException("more than %d referrers".formatted(MAX_LIST_ENTRIES));
    }
  }

  private Future<Referrers> fallbackReferrers(Route route, Repository repository, Digest subject) {
    return fetchManifest(route, repository.tagged(Tag.referrersOf(subject)))
        .map(
            manifest ->
                manifest.parse() instanceof Index index
                    ? new Referrers(index.manifests(), false)
                    : new Referrers(List.of(), false))
        .recover(
            cause ->
                cause instanceof RegistryException failure && failure.code().isAbsence()
                    ? Future.succeededFuture(new Referrers(List.of(), false))
                    : Future.failedFuture(cause));
  }

  private Future<Void> delete(String kind, Repository repository, String path) {
    Route route = Route.toOwner(upstreams.of(repository.registry()), repository);
    RegistryRequest request =
        RegistryRequest.of(
            HttpMethod.DELETE,
            kind,
            route.upstream(),
            route.target(path),
            Scope.delete(route.repository()),
            200,
            202,
            204);
    return write(request, answer -> Future.succeededFuture());
  }

  /** Sends to the one endpoint that is written to, and judges what it says. */
  private Future<Void> write(RegistryRequest request, Function<Answer, Future<Void>> judge) {
    return onContext(
        () ->
            transport.retry(
                () ->
                    transport.send(
                        request,
                        answer ->
                            transport
                                .discard(answer.response())
                                .compose(read -> judge.apply(answer)))));
  }

  private static RegistryException corrupt(RegistryRequest request, String message) {
    return request.failure(ErrorCode.CORRUPT, message);
  }

  private static <T> Future<Optional<T>> emptyIfAbsent(Throwable cause) {
    return cause instanceof RegistryException failure && failure.code().isAbsence()
        ? Future.succeededFuture(Optional.empty())
        : Future.failedFuture(cause);
  }
}
