package io.entrepot.proxy.handler;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.PulledManifest;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code manifests/REFERENCE}. */
final class ManifestHandler {

  /** Bytes of manifests that are being pushed at a time. */
  private static final long PUSHED_BYTES = 16L << 20;

  private static final Duration BODY_DEADLINE = Duration.ofMinutes(1);

  private final LimitedBody bodies = new LimitedBody(PUSHED_BYTES, BODY_DEADLINE);
  private final Store store;
  private final ContentCache cache;
  private final PullThrough pull;
  private final Admission admission;
  private final ProxyMetrics metrics;

  ManifestHandler(
      Store store,
      ContentCache cache,
      PullThrough pull,
      Admission admission,
      ProxyMetrics metrics) {
    this.admission = admission;
    this.store = store;
    this.cache = cache;
    this.pull = pull;
    this.metrics = metrics;
  }

  Future<Response> get(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    PulledManifest held = held(place.id(), path);
    if (held != null && admission.admits(place.id(), held.manifest().digest())) {
      countHit(exchange, place.id());
      return serve(exchange, place.id(), path, held);
    }
    return find(exchange, place.id(), path)
        .compose(
            found -> {
              RepositoryId fallback = place.fallback();
              return found.isEmpty() && fallback != null
                  ? find(exchange, fallback, path)
                  : Future.succeededFuture(found);
            })
        .map(found -> found.orElseThrow(() -> unknown(path)));
  }

  private void countHit(Exchange exchange, RepositoryId id) {
    metrics.hit();
    RegistryName upstream = id.upstream();
    if (upstream != null && !exchange.isHead()) {
      metrics.unasked(upstream);
    }
  }

  private static ApiException unknown(DistributionPath.Manifest path) {
    return new ApiException(
        ErrorCode.MANIFEST_UNKNOWN,
        "no manifest %s in %s"
            .formatted(path.tag() == null ? path.digest() : path.tag(), path.name()));
  }

  private @Nullable PulledManifest held(RepositoryId id, DistributionPath.Manifest path) {
    Digest digest = path.digest();
    if (digest != null) {
      return pull.manifests().held(id, digest);
    }
    Tag tag = Objects.requireNonNull(path.tag(), "neither tag nor digest");
    if (!id.isLocal()) {
      return pull.tags().held(id, tag);
    }
    Digest meant =
        store
            .repositories()
            .loaded(id)
            .flatMap(repository -> repository.tag(tag.value()))
            .orElse(null);
    return meant == null ? null : pull.manifests().held(id, meant);
  }

  private Future<Optional<Response>> find(
      Exchange exchange, RepositoryId id, DistributionPath.Manifest path) {
    Digest digest = path.digest();
    if (id.isLocal()) {
      return pull.repositories()
          .load(id)
          .compose(repository -> admitted(exchange, id, path, Optional.ofNullable(held(id, path))));
    }
    return pull.repositories()
        .load(id)
        .compose(
            repository -> {
              PulledManifest held = held(id, path);
              if (held != null) {
                // The repository was not in memory before.
                countHit(exchange, id);
              }
              if (digest != null) {
                admission.requireNotDenied(id, digest);
                return pull.manifests()
                    .manifest(id, digest)
                    .compose(found -> admitted(exchange, id, path, found));
              }
              Tag tag = Objects.requireNonNull(path.tag(), "neither tag nor digest");
              // A HEAD for what is not here costs upstream a HEAD, never a counted pull.
              if (exchange.isHead() && repository.tag(tag.value()).isEmpty()) {
                return pull.tags()
                    .describe(id, tag)
                    .compose(found -> head(exchange, id, path, tag, found));
              }
              return tagged(exchange, id, path, tag);
            });
  }

  private Future<Optional<Response>> head(
      Exchange exchange,
      RepositoryId id,
      DistributionPath.Manifest path,
      Tag tag,
      Optional<Descriptor> found) {
    return found.isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : admission
            .head(id, tag, found.get())
            .compose(
                admitted ->
                    admitted
                        ? Future.succeededFuture(found.map(ManifestHandler::described))
                        : tagged(exchange, id, path, tag));
  }

  private Future<Optional<Response>> tagged(
      Exchange exchange, RepositoryId id, DistributionPath.Manifest path, Tag tag) {
    return pull.tags()
        .manifest(id, tag)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(found)
                    : admission.tagged(id, tag, found.get()).map(Optional::of))
        .compose(found -> whole(exchange, id, path, found));
  }

  private Future<Optional<Response>> admitted(
      Exchange exchange,
      RepositoryId id,
      DistributionPath.Manifest path,
      Optional<PulledManifest> found) {
    return found.isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : admission
            .manifest(id, found.get().manifest().digest())
            .compose(admitted -> whole(exchange, id, path, found));
  }

  private Future<Optional<Response>> whole(
      Exchange exchange,
      RepositoryId id,
      DistributionPath.Manifest path,
      Optional<PulledManifest> found) {
    return found.isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : serve(exchange, id, path, found.get()).map(Optional::of);
  }

  /** What upstream said to HEAD; the manifest is not here. */
  private static Response described(Descriptor descriptor) {
    return new Response.ContentHead(
        Content.manifest(descriptor.digest(), descriptor.size(), descriptor.mediaType()));
  }

  private Future<Response> serve(
      Exchange exchange, RepositoryId id, DistributionPath.Manifest path, PulledManifest pulled) {
    StoredManifest manifest = pulled.manifest();
    RawManifest unkept = pulled.unkept();
    if (unkept != null) {
      Buffer bytes = Buffer.buffer(unkept.bytes());
      return Future.succeededFuture(
          held(pulled, new ContentCache.Held(bytes, content(manifest, bytes.length()))));
    }
    ContentCache.Held held = cache.held(manifest.digest());
    if (held != null) {
      return Future.succeededFuture(held(pulled, held));
    }
    return cache
        .read(exchange, manifest.digest(), size -> content(manifest, size))
        .compose(
            read -> {
              if (read.isPresent()) {
                return Future.succeededFuture(held(pulled, read.get()));
              }
              // It was bad and has been set aside.
              return id.isLocal() ? Future.failedFuture(unknown(path)) : again(exchange, id, path);
            });
  }

  private Future<Response> again(
      Exchange exchange, RepositoryId id, DistributionPath.Manifest path) {
    return find(exchange, id, path).map(found -> found.orElseThrow(() -> unknown(path)));
  }

  private static Response held(PulledManifest pulled, ContentCache.Held held) {
    return new Response.HeldContent(
        held.content().asManifest(pulled.manifest().mediaType()), held.bytes(), pulled.warning());
  }

  private static Content content(StoredManifest manifest, long size) {
    return Content.manifest(manifest.digest(), size, manifest.mediaType());
  }

  Future<Response> put(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    String type = exchange.header(HttpHeaders.CONTENT_TYPE);
    if (type == null) {
      // The document's own mediaType could stand in, but a client that names one has to send it as
      // Content-Type too (distribution specification, pushing manifests), and the other registries
      // insist: what is pushed here must be taken there.
      throw new ApiException(
          ErrorCode.MANIFEST_INVALID,
          "no Content-Type; a manifest is pushed with its media type as Content-Type");
    }
    MediaType mediaType;
    try {
      mediaType = MediaType.parse(type);
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
    }
    return bodies
        .use(
            exchange,
            RawManifest.MAX_BYTES,
            body -> exchange.onWorker(() -> keep(exchange, place.id(), path, mediaType, body)))
        .map(
            manifest -> {
              List<Header> headers = new ArrayList<>();
              headers.add(new Header("Docker-Content-Digest", manifest.digest().toString()));
              headers.add(
                  new Header(
                      HttpHeaders.LOCATION,
                      "/v2/" + path.name() + "/manifests/" + manifest.digest()));
              Digest subject = manifest.subject();
              if (subject != null) {
                headers.add(new Header("OCI-Subject", subject.toString()));
              }
              for (String tag : exchange.queries("tag")) {
                headers.add(new Header("OCI-Tag", tag));
              }
              return new Response.Empty(201, headers);
            });
  }

  private StoredManifest keep(
      Exchange exchange,
      RepositoryId id,
      DistributionPath.Manifest path,
      MediaType mediaType,
      byte[] body) {
    Digest wanted = path.digest();
    RawManifest raw;
    Manifest manifest;
    List<Tag> tags = new ArrayList<>();
    try {
      raw =
          RawManifest.taken(
              mediaType, body, wanted == null ? Digest.Algorithm.SHA256 : wanted.algorithm());
      manifest = pull.parsing().parse(raw);
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
    admission.requirePushable(repository, digests(raw), needed(manifest));
    requireContent(repository, manifest);
    return repository.put(raw, manifest, tags);
  }

  /** The digests under which the same bytes may be denied. */
  private static Set<Digest> digests(RawManifest raw) {
    Digest usual = raw.digest(Digest.Algorithm.SHA256);
    return usual.equals(raw.digest()) ? Set.of(usual) : Set.of(usual, raw.digest());
  }

  /** What a manifest needs and what it makes a statement about. */
  private static List<Descriptor> needed(Manifest manifest) {
    List<Descriptor> needed = new ArrayList<>(manifest.children());
    Descriptor subject = manifest.subject();
    if (subject != null) {
      needed.add(subject);
    }
    return needed;
  }

  /** Finding content also keeps collectors away from it until the manifest refers to it. */
  private void requireContent(StoredRepository repository, Manifest manifest) {
    switch (manifest) {
      case ImageManifest image -> {
        for (Descriptor child : image.children()) {
          boolean here =
              repository.hasBlob(child.digest())
                  && store.contents().claimOnDisk(child.digest()).isPresent();
          if (!here && !child.isForeign()) {
            throw new ApiException(
                ErrorCode.MANIFEST_BLOB_UNKNOWN, "the blob " + child.digest() + " is not here");
          }
        }
      }
      // An index may be sparse: clients copy single platforms of it.
      case Index index ->
          index.manifests().forEach(child -> store.contents().claim(child.digest()));
    }
  }

  Future<Response> delete(
      Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    return exchange
        .onWorker(
            () -> {
              StoredRepository repository = store.repositories().open(place.id());
              Tag tag = path.tag();
              Digest digest = path.digest();
              return tag != null
                  ? repository.removeTag(tag.value())
                  : digest != null && repository.removeManifest(digest);
            })
        .map(
            removed -> {
              if (!removed) {
                throw unknown(path);
              }
              return new Response.Empty(202, List.of());
            });
  }
}
