package io.entrepot.registry;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.MalformedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Function;

/** Reads the bodies of answers, with limits of size and time. */
final class Bodies {

  private static final int SHORT_BYTES = 64 * 1024;

  /** Long answers in memory; what is made of them takes some three times as much. */
  private static final long ROOM = 24L << 20;

  /** How long a long answer may take to come once it has its room. */
  private static final Duration LONG_ANSWER = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final ClientSettings settings;
  private final AnswerRoom room = new AnswerRoom(ROOM);

  Bodies(Vertx vertx, ClientSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  /** Moves a body into a sink, as {@link BodyPump#run}. */
  Future<Void> pump(Answer answer, ByteSink sink, BodyPump.Inspector inspector) {
    return BodyPump.run(vertx, answer.response(), sink, inspector, settings);
  }

  /** For the pages of a list, all of them together. */
  AnswerRoom.Share share(int limit) {
    return room.share(limit);
  }

  /**
   * Reads a body into memory.
   *
   * @param limit bytes; a longer body fails with {@link ErrorCode#SIZE_INVALID}
   */
  Future<byte[]> read(RegistryRequest request, Answer answer, int limit) {
    return use(request, answer, limit, Future::succeededFuture);
  }

  /**
   * Reads a body into memory and works with it; a long one has its room until that is done.
   *
   * @param limit bytes; a longer body fails with {@link ErrorCode#SIZE_INVALID}
   */
  <T> Future<T> use(
      RegistryRequest request, Answer answer, int limit, Function<byte[], Future<T>> work) {
    AnswerRoom.Share share =
        room.share(answer.length().filter(length -> length <= limit).orElse((long) limit));
    return read(request, answer, limit, share).compose(work).onComplete(done -> share.end());
  }

  private Future<byte[]> read(
      RegistryRequest request, Answer answer, int limit, AnswerRoom.Share share) {
    if (answer.length().filter(length -> length > limit).isPresent()) {
      answer.abandon();
      return Future.failedFuture(TransportFailures.tooLong(request, limit));
    }
    AnswerSink sink = new AnswerSink(share, answer.length().orElse(0L));
    long[] total = new long[1];
    long[] since = new long[1];
    return pump(
            answer,
            sink,
            buffer -> {
              total[0] += buffer.length();
              if (total[0] > limit) {
                throw TransportFailures.tooLong(request, limit);
              }
              if (total[0] > AnswerSink.SHORT && share.isHeld()) {
                requireTime(request, since);
              }
              return buffer;
            })
        .recover(cause -> Future.failedFuture(TransportFailures.brokenBody(request, cause)))
        .map(read -> sink.bytes());
  }

  /** Others wait for the room that a long answer takes. */
  private static void requireTime(RegistryRequest request, long[] since) {
    long now = System.nanoTime();
    if (since[0] == 0) {
      since[0] = now;
    } else if (now - since[0] > LONG_ANSWER.toNanos()) {
      throw request.failure(
          ErrorCode.TIMEOUT, "the answer took longer than " + LONG_ANSWER.toSeconds() + " s");
    }
  }

  /**
   * Reads a body into memory and makes something of it; a long one off the event loop, where it
   * would hold up everything else.
   *
   * @param share for all that belongs together; the caller ends it
   * @param parser may throw {@link MalformedException}, which becomes {@link ErrorCode#CORRUPT}
   */
  <T> Future<T> parse(
      RegistryRequest request,
      Answer answer,
      int limit,
      AnswerRoom.Share share,
      Function<byte[], T> parser) {
    return read(request, answer, limit, share)
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
    long[] rest = {ErrorAnswer.MAX_BYTES};
    return pump(
            answer,
            sink,
            buffer -> {
              if (buffer.length() > rest[0]) {
                throw RegistryException.of(ErrorCode.UNKNOWN, "error body too long");
              }
              rest[0] -= buffer.length();
              return buffer;
            })
        .otherwiseEmpty()
        .map(read -> sink.bytes());
  }
}
