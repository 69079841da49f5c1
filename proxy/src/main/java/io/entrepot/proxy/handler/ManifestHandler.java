package io.entrepot.proxy.handler;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.PullThrough.Answer;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.ContentStore;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code manifests/REFERENCE}. */
final class ManifestHandler {

  private final ContentStore store;
  private final ContentCache cache;
  private final PullThrough pull;
  private final ProxyMetrics metrics;

  ManifestHandler(ContentStore store, ContentCache cache, PullThrough pull, ProxyMetrics metrics) {
    this.store = store;
    this.cache = cache;
    this.pull = pull;
    this.metrics = metrics;
  }

  void get(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    Optional<Answer> held = held(place.id(), path);
    if (held.isPresent()) {
      metrics.hit();
      serve(exchange, place, path, held.get());
      return;
    }
    find(exchange, place.id(), path)
        .compose(
            found -> {
              RepositoryId fallback = place.fallback();
              return found.isEmpty() && fallback != null
                  ? find(exchange, fallback, path)
                  : Future.succeededFuture(found);
            })
        .onComplete(
            result -> {
              if (result.failed()) {
                exchange.fail(result.cause());
              } else if (result.result().isEmpty()) {
                exchange.fail(unknown(path));
              } else if (result.result().get() instanceof Described described) {
                describe(exchange, described.descriptor());
              } else if (result.result().get() instanceof Whole whole) {
                serve(exchange, place, path, whole.answer());
              }
            });
  }

  private sealed interface Found {}

  private record Whole(Answer answer) implements Found {}

  /** What upstream said to HEAD; the manifest is not here. */
  private record Described(Descriptor descriptor) implements Found {}

  private static ApiException unknown(DistributionPath.Manifest path) {
    return new ApiException(
        ErrorCode.MANIFEST_UNKNOWN,
        "no manifest %s in %s"
            .formatted(path.tag() == null ? path.digest() : path.tag(), path.name()));
  }

  private Optional<Answer> held(RepositoryId id, DistributionPath.Manifest path) {
    Digest digest = path.digest();
    Tag tag = path.tag();
    if (digest != null) {
      return pull.held(id, digest);
    }
    if (tag == null) {
      return Optional.empty();
    }
    if (!id.isLocal()) {
      return pull.held(id, tag);
    }
    return store
        .repositories()
        .loaded(id)
        .flatMap(repository -> repository.tag(tag.value()))
        .flatMap(found -> pull.held(id, found));
  }

  private Future<Optional<Found>> find(
      Exchange exchange, RepositoryId id, DistributionPath.Manifest path) {
    Digest digest = path.digest();
    Tag tag = path.tag();
    if (id.isLocal()) {
      return onContext(exchange, pull.repository(id))
          .map(repository -> held(id, path).map(answer -> new Whole(answer)));
    }
    if (digest != null) {
      return onContext(exchange, pull.manifest(id, digest)).map(ManifestHandler::whole);
    }
    if (tag == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return onContext(exchange, pull.repository(id))
        .compose(
            repository -> {
              // A HEAD for what is not here costs upstream a HEAD, never a counted pull.
              if (exchange.isHead() && repository.tag(tag.value()).isEmpty()) {
                return onContext(exchange, pull.describe(id, tag))
                    .map(found -> found.<Found>map(Described::new));
              }
              return onContext(exchange, pull.manifest(id, tag)).map(ManifestHandler::whole);
            });
  }

  private static Optional<Found> whole(Optional<Answer> answer) {
    return answer.map(Whole::new);
  }

  static <T> Future<T> onContext(Exchange exchange, Future<T> future) {
    if (future.succeeded()) {
      return future;
    }
    Promise<T> promise = Promise.promise();
    future.onComplete(result -> exchange.context().runOnContext(unused -> promise.handle(result)));
    return promise.future();
  }

  private static void describe(Exchange exchange, Descriptor descriptor) {
    exchange
        .header(Exchange.CONTENT_DIGEST, descriptor.digest().toString())
        .header(HttpHeaders.CONTENT_TYPE, descriptor.mediaType().value())
        .header(HttpHeaders.CONTENT_LENGTH, Long.toString(descriptor.size()));
    exchange.response().setStatusCode(200);
    exchange.end(null);
  }

  private void serve(
      Exchange exchange, RoutedRepository place, DistributionPath.Manifest path, Answer answer) {
    StoredManifest manifest = answer.manifest();
    RawManifest unkept = answer.unkept();
    if (unkept != null) {
      send(exchange, answer, ContentCache.Held.of(manifest.digest(), unkept.bytes()));
      return;
    }
    ContentCache.Held held = cache.held(manifest.digest());
    if (held != null) {
      send(exchange, answer, held);
      return;
    }
    cache
        .read(exchange, manifest.digest())
        .onComplete(
            result -> {
              if (result.failed()) {
                exchange.fail(result.cause());
              } else if (result.result().isPresent()) {
                send(exchange, answer, result.result().get());
              } else if (place.id().isLocal()) {
                exchange.fail(unknown(path));
              } else {
                // It was bad and has been set aside: fetch it again.
                get(exchange, place, path);
              }
            });
  }

  private void send(Exchange exchange, Answer answer, ContentCache.Held held) {
    StoredManifest manifest = answer.manifest();
    var headers = exchange.response().headers();
    headers.set(Exchange.CONTENT_DIGEST, held.digest());
    headers.set(HttpHeaders.ETAG, held.etag());
    String warning = answer.warning();
    if (warning != null) {
      exchange.warn(warning);
    }
    if (held.etag().equals(exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      exchange.empty(304);
      return;
    }
    headers.set(HttpHeaders.CONTENT_TYPE, manifest.mediaType().value());
    headers.set(HttpHeaders.CONTENT_LENGTH, held.length());
    if (exchange.isHead()) {
      exchange.end(null);
    } else {
      metrics.sent(held.bytes().length());
      exchange.end(held.bytes());
    }
  }

  void put(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    String type = exchange.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null) {
      // The document's own mediaType could stand in, but a client that names one has to send it as
      // Content-Type too (distribution specification, pushing manifests), and the other registries
      // insist: what is pushed here must be taken there.
      exchange.fail(
          new ApiException(
              ErrorCode.MANIFEST_INVALID,
              "no Content-Type; a manifest is pushed with its media type as Content-Type"));
      return;
    }
    MediaType mediaType;
    try {
      mediaType = MediaType.parse(type);
    } catch (MalformedException e) {
      exchange.fail(new ApiException(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage())));
      return;
    }
    LimitedBody.read(exchange, RawManifest.MAX_BYTES)
        .compose(body -> exchange.onWorker(() -> keep(exchange, place.id(), path, mediaType, body)))
        .onSuccess(
            manifest -> {
              exchange.header(Exchange.CONTENT_DIGEST, manifest.digest().toString());
              exchange.header(
                  HttpHeaders.LOCATION, "/v2/" + path.name() + "/manifests/" + manifest.digest());
              Digest subject = manifest.subject();
              if (subject != null) {
                exchange.header("OCI-Subject", subject.toString());
              }
              for (String tag : exchange.queries("tag")) {
                exchange.response().headers().add("OCI-Tag", tag);
              }
              exchange.empty(201);
            })
        .onFailure(exchange::fail);
  }

  private StoredManifest keep(
      Exchange exchange,
      RepositoryId id,
      DistributionPath.Manifest path,
      MediaType mediaType,
      Buffer body) {
    Digest wanted = path.digest();
    RawManifest raw;
    Manifest manifest;
    List<Tag> tags = new ArrayList<>();
    try {
      raw =
          RawManifest.of(
              mediaType,
              body.getBytes(),
              wanted == null ? Digest.Algorithm.SHA256 : wanted.algorithm());
      manifest = raw.parse();
      for (String tag : exchange.queries("tag")) {
        tags.add(new Tag(tag));
      }
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
    }
    if (wanted != null && !wanted.equals(raw.digest())) {
      throw new ApiException(
          ErrorCode.DIGEST_INVALID, "the manifest has the digest " + raw.digest());
    }
    Tag tag = path.tag();
    if (tag != null) {
      tags.add(tag);
    }
    StoredRepository repository = store.repositories().open(id);
    requireContent(repository, manifest);
    return repository.put(raw, manifest, tags);
  }

  /** Finding content also keeps collectors away from it until the manifest refers to it. */
  private void requireContent(StoredRepository repository, Manifest manifest) {
    switch (manifest) {
      case ImageManifest image -> {
        for (Descriptor child : image.children()) {
          boolean here =
              repository.hasBlob(child.digest()) && store.claim(child.digest()).isPresent();
          if (!here && !child.isForeign()) {
            throw new ApiException(
                ErrorCode.MANIFEST_BLOB_UNKNOWN, "the blob " + child.digest() + " is not here");
          }
        }
      }
      // An index may be sparse: clients copy single platforms of it.
      case Index index -> index.manifests().forEach(child -> store.claim(child.digest()));
    }
  }

  void delete(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    exchange
        .onWorker(
            () -> {
              StoredRepository repository = store.repositories().open(place.id());
              Tag tag = path.tag();
              Digest digest = path.digest();
              return tag != null
                  ? repository.removeTag(tag.value())
                  : digest != null && repository.removeManifest(digest);
            })
        .onSuccess(
            removed -> {
              if (removed) {
                exchange.empty(202);
              } else {
                exchange.fail(unknown(path));
              }
            })
        .onFailure(exchange::fail);
  }
}
