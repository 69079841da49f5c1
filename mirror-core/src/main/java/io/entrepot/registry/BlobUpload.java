package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.registry.BlobPush.Outcome;
import io.entrepot.registry.RegistryRequest.RequestBody;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One blob into one repository (distribution-spec 1.1, "Pushing blobs").
 *
 * <p>First choice is one POST and one PUT of the whole stream. When that breaks, the registry is
 * asked how much it has, and the rest follows in chunks; a registry that does not take so much at
 * once gets chunks from the start. A commit whose answer was lost, or whose repetition is answered
 * with 404, is settled by asking for the blob: GHCR forgets the session and keeps the blob.
 */
final class BlobUpload {

  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");
  private static final int MAX_CHUNK = 64 * 1024 * 1024;

  private final Transport transport;
  private final Upstream upstream;
  private final Endpoint endpoint;
  private final Repository repository;
  private final Descriptor blob;
  private final BlobSource source;
  private final Scope scope;

  private boolean inChunks;
  private int chunkSize;
  private long sent;

  BlobUpload(
      Transport transport,
      Upstream upstream,
      Repository wanted,
      Descriptor blob,
      BlobSource source) {
    this.transport = transport;
    this.upstream = upstream;
    this.endpoint = upstream.owner();
    this.repository = endpoint.repository(wanted);
    this.blob = blob;
    this.source = source;
    this.scope = Scope.push(repository);
    this.chunkSize = transport.settings().chunkSize();
  }

  Future<BlobPush> run(@Nullable Repository mountFrom) {
    return attempt(mountFrom, transport.retries().tries())
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof SourceFailure && cause.getCause() != null
                        ? cause.getCause()
                        : cause));
  }

  private Future<BlobPush> attempt(@Nullable Repository mountFrom, Retries.Tries tries) {
    tries.begin();
    return start(mountFrom)
        .compose(
            session ->
                session.isEmpty()
                    ? Future.succeededFuture(new BlobPush(Outcome.MOUNTED, 0))
                    : send(session.get()).map(done -> new BlobPush(Outcome.UPLOADED, blob.size())))
        .recover(
            cause -> {
              if (!tries.mayGoOn(cause, startAgain(cause))) {
                return Future.failedFuture(cause);
              }
              return present()
                  .compose(
                      there ->
                          there
                              ? Future.succeededFuture(new BlobPush(Outcome.UPLOADED, sent))
                              : tries.pause(cause).compose(waited -> attempt(null, tries)));
            });
  }

  private boolean startAgain(Throwable cause) {
    if (!(cause instanceof RegistryException failure)) {
      return false;
    }
    return transport.retries().worthRepeating(cause)
        || failure.code() == ErrorCode.BLOB_UPLOAD_UNKNOWN
        || failure.code() == ErrorCode.BLOB_UPLOAD_INVALID
        || failure.code() == ErrorCode.BLOB_UNKNOWN
        || failure.code() == ErrorCode.DIGEST_INVALID
        || (failure.status() == 404 && failure.code() != ErrorCode.NAME_UNKNOWN)
        || (!inChunks && wantsChunks(failure));
  }

  /** GHCR answers 416 and ACR 413 to more than they take at once. */
  private boolean wantsChunks(RegistryException failure) {
    boolean tooMuch = failure.status() == 413 || failure.status() == 416;
    if (tooMuch) {
      inChunks = true;
    }
    return tooMuch;
  }

  private record Session(Target location, int minimumChunk) {}

  /** Empty when the blob was mounted, so that nothing is left to send. */
  private Future<Optional<Session>> start(@Nullable Repository mountFrom) {
    Target uploads = new Target(endpoint.origin(), "/v2/" + repository.path() + "/blobs/uploads/");
    Scope wanted = scope;
    if (mountFrom != null) {
      Repository from = endpoint.repository(mountFrom);
      uploads =
          uploads
              .with("mount=" + escaped(blob.digest().toString()))
              .with("from=" + escaped(from.path()));
      wanted = scope.andPull(from);
    }
    RegistryRequest request =
        Requests.START_UPLOAD.at(upstream, uploads, wanted).body(Buffer.buffer()).build();
    Future<Optional<Session>> started =
        transport.sendForHeaders(request, answer -> started(request, answer, mountFrom != null));
    if (mountFrom == null) {
      return started;
    }
    // Some registries refuse a mount with an error instead of opening a session (Harbor 401).
    return started.recover(
        cause ->
            cause instanceof RegistryException failure && !failure.temporary()
                ? start(null)
                : Future.failedFuture(cause));
  }

  private Future<Optional<Session>> started(
      RegistryRequest request, Answer answer, boolean mounting) {
    if (answer.status() == 201) {
      return mounting
          ? Future.succeededFuture(Optional.empty())
          : Future.failedFuture(strange(request, "201 without any bytes sent"));
    }
    return session(request, answer).map(Optional::of);
  }

  private Future<Session> session(RegistryRequest request, Answer answer) {
    String location = answer.header("Location");
    if (location == null || location.isBlank()) {
      return Future.failedFuture(strange(request, "no Location for the upload"));
    }
    Target to;
    try {
      to = answer.target().resolve(location.strip());
    } catch (MalformedException e) {
      return Future.failedFuture(
          request.failure(ErrorCode.REFUSED, "upload sent to " + e.getMessage()).withCause(e));
    }
    if (answer.target().origin().isSecure() && !to.origin().isSecure()) {
      return Future.failedFuture(
          request.failure(
              ErrorCode.REFUSED, "upload sent from https to " + to.origin() + ", refused"));
    }
    String minimum = answer.header("OCI-Chunk-Min-Length");
    int minimumChunk =
        minimum != null && minimum.matches("[0-9]{1,9}") ? Integer.parseInt(minimum) : 0;
    if (minimumChunk > MAX_CHUNK) {
      return Future.failedFuture(
          strange(request, "wants chunks of at least %d bytes".formatted(minimumChunk)));
    }
    return Future.succeededFuture(new Session(to, minimumChunk));
  }

  private Future<Void> send(Session session) {
    chunkSize = Math.max(transport.settings().chunkSize(), session.minimumChunk());
    if (inChunks && blob.size() > chunkSize) {
      return sendInChunks(session, 0);
    }
    RegistryRequest request =
        commit(session.location()).body(new RequestBody.Stream(source, 0, blob.size())).build();
    return transport
        .send(request, answer -> transport.bodies().discard(answer))
        .recover(
            cause -> {
              if (cause instanceof RegistryException failure && failure.temporary()) {
                // Whatever cut it off, less at a time has the better chance.
                inChunks = true;
                return resume(session, cause);
              }
              return Future.failedFuture(cause);
            })
        .onSuccess(done -> sent = blob.size());
  }

  /** After a break: is it there, and if not, how much of it? */
  private Future<Void> resume(Session session, Throwable broken) {
    return present()
        .compose(
            there ->
                there
                    ? Future.succeededFuture()
                    : received(session)
                        .recover(gone -> Future.failedFuture(broken))
                        .compose(
                            offset ->
                                offset > 0
                                    ? sendInChunks(session, offset)
                                    : Future.failedFuture(broken)));
  }

  /** How many bytes the session holds. */
  private Future<Long> received(Session session) {
    return transport.send(
        inSession(Requests.ASK_UPLOAD, session.location()).build(),
        answer -> transport.bodies().discard(answer).map(read -> endOf(answer.header("Range"))));
  }

  /**
   * Bytes held according to {@code Range: 0-<last>}; {@code 0-0} may mean none, so it counts so.
   */
  private static long endOf(@Nullable String header) {
    Matcher matcher = RANGE.matcher(header == null ? "" : header.strip());
    if (!matcher.matches()) {
      return 0;
    }
    long last = Long.parseLong(matcher.group(1));
    return last == 0 ? 0 : last + 1;
  }

  private Future<Void> sendInChunks(Session session, long offset) {
    ChunkSink chunks =
        new ChunkSink(
            chunkSize,
            offset,
            (position, chunk, location) -> patch(location, position, chunk),
            session.location());
    return source
        .sendTo(offset, start -> chunks)
        .recover(
            cause ->
                Future.failedFuture(
                    chunks.failure() == null ? new SourceFailure(cause) : chunks.failure()))
        .compose(all -> chunks.finish())
        .compose(
            location ->
                transport.send(
                    commit(location).body(Buffer.buffer()).build(),
                    answer -> transport.bodies().discard(answer)));
  }

  /** Sends one chunk; done with where the next one goes. */
  private Future<Target> patch(Target location, long position, Buffer chunk) {
    RegistryRequest request =
        inSession(Requests.SEND_CHUNK, location)
            .header("Content-Type", "application/octet-stream")
            .header("Content-Range", position + "-" + (position + chunk.length() - 1))
            .body(chunk)
            .build();
    return transport
        .send(
            request,
            answer ->
                transport
                    .bodies()
                    .discard(answer)
                    .map(
                        read -> {
                          String next = answer.header("Location");
                          return next == null ? location : answer.target().resolve(next);
                        }))
        .recover(
            cause -> {
              if (!(cause instanceof RegistryException failure)
                  || !(failure.temporary() || failure.status() == 416)) {
                return Future.failedFuture(cause);
              }
              return received(new Session(location, 0))
                  .compose(
                      held -> {
                        if (held == position + chunk.length()) {
                          return Future.succeededFuture(location);
                        }
                        if (held > position && held < position + chunk.length()) {
                          int known = (int) (held - position);
                          return patch(location, held, chunk.slice(known, chunk.length()));
                        }
                        return Future.failedFuture(cause);
                      });
            });
  }

  private Future<Boolean> present() {
    Route route = new Route(upstream, endpoint.origin(), repository);
    // With the rights of the upload, so that no second token is needed.
    RegistryRequest request = Requests.FIND_BLOB.to(route, blob.digest()).scope(scope).build();
    return Calls.orEmpty(transport.sendForHeaders(request, answer -> Future.succeededFuture(true)))
        .map(Optional::isPresent);
  }

  private RegistryRequest.Builder commit(Target location) {
    Target target = location.with("digest=" + escaped(blob.digest().toString()));
    return inSession(Requests.COMMIT_UPLOAD, target)
        .header("Content-Type", "application/octet-stream");
  }

  /** A session may lie at another origin, as a signed address; credentials do not go there. */
  private RegistryRequest.Builder inSession(Requests line, Target location) {
    RegistryRequest.Builder request = line.at(upstream, location, scope);
    return location.origin().equals(endpoint.origin()) ? request : request.anonymous();
  }

  private static RegistryException strange(RegistryRequest request, String message) {
    return request.failure(ErrorCode.BLOB_UPLOAD_INVALID, message);
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
