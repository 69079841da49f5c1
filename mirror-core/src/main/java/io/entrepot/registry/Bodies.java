package io.entrepot.registry;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.MalformedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Function;

/** Reads the bodies of answers, with limits of size and time. */
final class Bodies {

  private static final int SHORT_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final ClientSettings settings;

  Bodies(Vertx vertx, ClientSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  /** Moves a body into a sink, as {@link BodyPump#run}. */
  Future<Void> pump(Answer answer, ByteSink sink, BodyPump.Inspector inspector) {
    return BodyPump.run(vertx, answer.response(), sink, inspector, settings);
  }

  /**
   * Reads a body into memory.
   *
   * @param limit bytes; a longer body fails with {@link ErrorCode#SIZE_INVALID}
   */
  Future<byte[]> read(RegistryRequest request, Answer answer, int limit) {
    if (answer.length().filter(length -> length > limit).isPresent()) {
      answer.abandon();
      return Future.failedFuture(TransportFailures.tooLong(request, limit));
    }
    MemorySink sink = new MemorySink();
    long[] total = new long[1];
    return pump(
            answer,
            sink,
            buffer -> {
              total[0] += buffer.length();
              if (total[0] > limit) {
                throw TransportFailures.tooLong(request, limit);
              }
              return buffer;
            })
        .recover(cause -> Future.failedFuture(TransportFailures.brokenBody(request, cause)))
        .map(read -> sink.bytes());
  }

  /**
   * Reads a body into memory and makes something of it; a long one off the event loop, where it
   * would hold up everything else.
   *
   * @param parser may throw {@link MalformedException}, which becomes {@link ErrorCode#CORRUPT}
   */
  <T> Future<T> parse(
      RegistryRequest request, Answer answer, int limit, Function<byte[], T> parser) {
    return read(request, answer, limit)
        .compose(
            body ->
                body.length > SHORT_BYTES
                    ? vertx.executeBlocking(() -> parser.apply(body), false)
                    : SingleFlight.attempt(() -> Future.succeededFuture(parser.apply(body))))
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof MalformedException
                        ? request.failure(ErrorCode.CORRUPT, String.valueOf(cause.getMessage()))
                        : cause));
  }

  /** Reads and forgets a small body, so that the connection can be used again. */
  Future<Void> discard(Answer answer) {
    return error(answer).mapEmpty();
  }

  /** As much of an error's body as {@link ErrorAnswer} looks at. Never fails. */
  Future<byte[]> error(Answer answer) {
    MemorySink sink = new MemorySink();
    long[] room = {ErrorAnswer.MAX_BYTES};
    return pump(
            answer,
            sink,
            buffer -> {
              if (buffer.length() > room[0]) {
                throw RegistryException.of(ErrorCode.UNKNOWN, "error body too long");
              }
              room[0] -= buffer.length();
              return buffer;
            })
        .otherwiseEmpty()
        .map(read -> sink.bytes());
  }
}
