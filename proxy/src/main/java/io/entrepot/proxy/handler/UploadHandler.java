package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.admission.RefusedException;
import io.entrepot.proxy.local.Uploads;
import io.entrepot.proxy.local.Uploads.Session;
import io.entrepot.proxy.pull.FileSink;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.NameResolver;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code blobs/uploads/}. */
final class UploadHandler {

  private static final long UNLIMITED = Long.MAX_VALUE;
  private static final Pattern CONTENT_RANGE = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  private final Store store;
  private final Uploads uploads;
  private final NameResolver names;
  private final Access access;
  private final PullThrough pull;
  private final Admission admission;

  UploadHandler(
      Store store,
      Uploads uploads,
      NameResolver names,
      Access access,
      PullThrough pull,
      Admission admission) {
    this.admission = admission;
    this.store = store;
    this.uploads = uploads;
    this.names = names;
    this.access = access;
    this.pull = pull;
  }

  Future<Response> begin(Exchange exchange, RoutedRepository place, String name) {
    String mount = exchange.query("mount");
    String digest = exchange.query("digest");
    if (mount != null) {
      return mount(exchange, place, name, parseDigest(mount));
    }
    if (digest == null) {
      return session(exchange, place, name);
    }
    Digest wanted = parseDigest(digest);
    return open(exchange, place.id())
        .compose(session -> whole(exchange, place.id(), session, wanted))
        .map(done -> created(name, wanted));
  }

  /** Nobody was told of this session, so nobody could go on with it. */
  private Future<Void> whole(Exchange exchange, RepositoryId id, Session session, Digest wanted) {
    return receive(exchange, session, UNLIMITED)
        .recover(
            cause -> cancel(exchange, session).transform(cancelled -> Future.failedFuture(cause)))
        .compose(received -> finish(exchange, id, session, wanted));
  }

  private Future<Session> cancel(Exchange exchange, Session session) {
    return exchange.onWorker(
        () -> {
          uploads.cancel(session);
          return session;
        });
  }

  private Future<Response> session(Exchange exchange, RoutedRepository place, String name) {
    return open(exchange, place.id())
        .map(
            session -> {
              session.release();
              return new Response.Empty(202, status(name, session));
            });
  }

  private Future<Session> open(Exchange exchange, RepositoryId id) {
    return exchange.onWorker(
        () -> {
          requireSpace(exchange.request());
          Session session =
              uploads
                  .create(id.path())
                  .orElseThrow(
                      () ->
                          new ApiException(ErrorCode.TOOMANYREQUESTS, "too many uploads are open"));
          session.take();
          return session;
        });
  }

  private void requireSpace(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null || length.equals("0")) {
      return;
    }
    // Numbers that are longer are no file's size.
    store
        .disk()
        .requireRoom(length.matches("[0-9]{1,18}") ? Long.parseLong(length) : Long.MAX_VALUE / 2);
  }

  /** Never tells whether content exists that the client may not read: it then just uploads. */
  private Future<Response> mount(
      Exchange exchange, RoutedRepository place, String name, Digest digest) {
    String from = exchange.query("from");
    Optional<RepositoryId> source =
        from == null
            ? Optional.empty()
            : resolve(from)
                .map(RoutedRepository::id)
                .filter(id -> access.mayRead(exchange.user(), id.toString()));
    // Without a source there is no policy's rule that could be asked.
    boolean anywhere = from == null && access.isOpen() && !admission.isEnforcing();
    return holds(exchange, anywhere, source.orElse(null), digest)
        .compose(
            held ->
                held && source.isPresent()
                    ? isAdmitted(source.get(), digest)
                    : Future.succeededFuture(held))
        .compose(
            held ->
                held
                    ? exchange
                        .onWorker(
                            () -> {
                              store.repositories().open(place.id()).linkBlob(digest);
                              return digest;
                            })
                        .map(linked -> created(name, digest))
                    : session(exchange, place, name));
  }

  /** What a policy refuses under its own name is not given away under another one. */
  private Future<Boolean> isAdmitted(RepositoryId source, Digest digest) {
    return admission
        .blob(source, digest)
        .map(admitted -> true)
        .recover(
            cause ->
                cause instanceof RefusedException
                    ? Future.succeededFuture(false)
                    : Future.failedFuture(cause));
  }

  /** A repository holds what was pushed, mounted or fetched there, not what its manifests list. */
  private Future<Boolean> holds(
      Exchange exchange, boolean anywhere, @Nullable RepositoryId source, Digest digest) {
    return exchange
        .onWorker(() -> store.contents().claimOnDisk(digest).isPresent())
        .compose(
            here -> {
              if (!here || anywhere) {
                return Future.succeededFuture(here);
              }
              if (source == null) {
                return Future.succeededFuture(false);
              }
              return source.isLocal()
                  ? exchange.onWorker(() -> store.repositories().open(source).hasBlob(digest))
                  : pull.blobs().knows(source, digest).otherwise(false);
            });
  }

  private Optional<RoutedRepository> resolve(String from) {
    try {
      return names.resolve(RepositoryId.local(from).path(), null, null);
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  Future<Response> state(Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    return find(place, path).map(session -> new Response.Empty(204, status(path.name(), session)));
  }

  Future<Response> cancel(Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    return take(place, path)
        .compose(session -> cancel(exchange, session))
        .map(session -> new Response.Empty(204, List.of()));
  }

  Future<Response> append(Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    return take(place, path)
        .compose(
            session ->
                checked(exchange, path.name(), session)
                    .compose(length -> receive(exchange, session, length))
                    .onComplete(done -> session.release())
                    .map(done -> new Response.Empty(202, status(path.name(), session))));
  }

  Future<Response> finish(Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    List<String> digests = exchange.queries("digest");
    if (digests.size() != 1) {
      throw new ApiException(ErrorCode.DIGEST_INVALID, "exactly one digest is needed");
    }
    Digest digest = parseDigest(digests.getFirst());
    return take(place, path)
        .compose(
            session ->
                checked(exchange, path.name(), session)
                    .compose(length -> receive(exchange, session, length))
                    .onFailure(cause -> session.release())
                    .compose(ok -> finish(exchange, place.id(), session, digest))
                    .map(done -> created(path.name(), digest)));
  }

  private Future<Void> finish(Exchange exchange, RepositoryId id, Session session, Digest digest) {
    return exchange
        .onWorker(() -> uploads.finish(session, digest, store.repositories().open(id)))
        .mapEmpty();
  }

  private Future<Session> find(RoutedRepository place, DistributionPath.Upload path) {
    return uploads
        .find(path.id(), place.id().path())
        .compose(
            found ->
                found
                    .map(Future::succeededFuture)
                    .orElseGet(
                        () ->
                            Future.failedFuture(
                                new ApiException(
                                    ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload"))));
  }

  private Future<Session> take(RoutedRepository place, DistributionPath.Upload path) {
    return find(place, path)
        .compose(
            session ->
                session.take()
                    ? Future.succeededFuture(session)
                    : Future.failedFuture(
                        new ApiException(
                            ErrorCode.RANGE_INVALID, "another request writes to this upload")));
  }

  /** How many bytes the request may bring; fails where its Content-Range does not fit. */
  private static Future<Long> checked(Exchange exchange, String name, Session session) {
    @Nullable String header = exchange.header("Content-Range");
    if (header == null) {
      return Future.succeededFuture(UNLIMITED);
    }
    Matcher matcher = CONTENT_RANGE.matcher(header);
    if (!matcher.matches()) {
      return Future.failedFuture(
          new ApiException(
              ErrorCode.BLOB_UPLOAD_INVALID, 400, "Content-Range has the form first-last"));
    }
    long first = Long.parseLong(matcher.group(1));
    long length = Long.parseLong(matcher.group(2)) - first + 1;
    String stated = exchange.header(HttpHeaders.CONTENT_LENGTH);
    if (first != session.received() || length < 1) {
      return Future.failedFuture(
          new ApiException(
              ErrorCode.RANGE_INVALID,
              ErrorCode.RANGE_INVALID.status(),
              "the next byte is " + session.received(),
              status(name, session)));
    }
    if (stated != null && !stated.equals(Long.toString(length))) {
      return Future.failedFuture(
          new ApiException(
              ErrorCode.SIZE_INVALID, "Content-Range and Content-Length do not agree"));
    }
    return Future.succeededFuture(length);
  }

  private Future<Void> receive(Exchange exchange, Session session, long length) {
    FileSink sink = uploads.sink(session);
    if (exchange.header(HttpHeaders.CONTENT_ENCODING) != null) {
      return Future.failedFuture(
          new ApiException(ErrorCode.UNSUPPORTED, 415, "content is taken as it is, not encoded"));
    }
    return exchange
        .onWorker(
            () -> {
              requireSpace(exchange.request());
              return session;
            })
        .compose(
            ok ->
                // Vert.x does not tell it again to a handler that is set after the connection
                // ended.
                ResponseWriter.isClosed(exchange)
                    ? Future.failedFuture(
                        new ClientLeftException(new IOException("before its body was read")))
                    : RequestPump.run(exchange, sink, length))
        .transform(
            piped ->
                sink.flush()
                    .transform(
                        flushed ->
                            piped.failed()
                                ? Future.failedFuture(
                                    piped.cause() instanceof StoreException
                                            || piped.cause() instanceof ApiException
                                        ? piped.cause()
                                        : new ClientLeftException(piped.cause()))
                                : flushed.failed()
                                    ? Future.failedFuture(flushed.cause())
                                    : Future.succeededFuture()));
  }

  private static List<Header> status(String name, Session session) {
    return List.of(
        new Header(HttpHeaders.LOCATION, "/v2/" + name + "/blobs/uploads/" + session.id()),
        new Header("Range", "0-" + Math.max(0, session.received() - 1)),
        new Header("Docker-Upload-UUID", session.id().toString()));
  }

  private static Response created(String name, Digest digest) {
    return new Response.Empty(
        201,
        List.of(
            new Header(HttpHeaders.LOCATION, "/v2/" + name + "/blobs/" + digest),
            new Header("Docker-Content-Digest", digest.toString())));
  }

  private static Digest parseDigest(String text) {
    try {
      return Digest.parse(text);
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }
}
