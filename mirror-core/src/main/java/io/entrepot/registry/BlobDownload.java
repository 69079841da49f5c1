package io.entrepot.registry;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One blob, or a part of one, into one sink: over as many connections and endpoints as it takes.
 *
 * <p>A whole blob is hashed on the way, and its last bytes are held back until the hash is right,
 * so that a sink never holds all of a wrong blob. A connection that breaks is followed by a request
 * for the rest. A part cannot be verified here; who needs certainty asks for the whole.
 */
final class BlobDownload {

  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  /** Connections in all for one blob, however much progress each of them makes. */
  private static final int MAX_CONNECTIONS = 200;

  private static final int MAX_IGNORED_RANGES = 3;
  private static final long SIZE_UNKNOWN = -1;

  private final Transport transport;
  private final EndpointChain endpoints;
  private final Repository repository;
  private final Digest digest;
  private final ByteRange range;
  private final BlobSink sink;

  private final byte[] scratch = new byte[8 << 10];
  private @Nullable MessageDigest hash;
  private @Nullable ByteSink stream;
  private long total;
  private long position;
  private long end = SIZE_UNKNOWN;
  private boolean written;
  private boolean poisoned;
  private int connections;
  private int ignoredRanges;

  BlobDownload(
      Transport transport,
      EndpointChain endpoints,
      Repository repository,
      Digest digest,
      long size,
      ByteRange range,
      BlobSink sink) {
    this.transport = transport;
    this.endpoints = endpoints;
    this.repository = repository;
    this.digest = digest;
    this.total = size;
    this.range = range;
    this.sink = sink;
    restart();
  }

  /** A size that only the registry knows. */
  static BlobDownload ofUnknownSize(
      Transport transport,
      EndpointChain endpoints,
      Repository repository,
      Digest digest,
      ByteRange range,
      BlobSink sink) {
    return new BlobDownload(transport, endpoints, repository, digest, SIZE_UNKNOWN, range, sink);
  }

  Future<Void> run() {
    return attempt(transport.retries().tries())
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof BodyPump.SinkFailure && cause.getCause() != null
                        ? cause.getCause()
                        : cause));
  }

  private void restart() {
    position = range.from();
    hash = range.isAll() ? digest.algorithm().newMessageDigest() : null;
  }

  private Future<Void> attempt(Retries.Tries tries) {
    long before = position;
    tries.begin();
    return endpoints
        .ask(repository, Requests.FETCH_BLOB.capability(), this::fetch)
        .recover(
            cause -> {
              if (poisoned || connections >= MAX_CONNECTIONS) {
                return Future.failedFuture(cause);
              }
              if (position > before) {
                tries.gotOn();
              }
              return tries.failed(cause).compose(waited -> attempt(tries));
            });
  }

  private Future<Void> fetch(Route route) {
    if (poisoned) {
      return Future.failedFuture(corrupt("wrong bytes were already passed on"));
    }
    connections++;
    RegistryRequest.Builder builder = Requests.FETCH_BLOB.to(route, digest);
    wantedRange().ifPresent(wanted -> builder.header("Range", wanted));
    RegistryRequest request = builder.build();
    return transport.send(request, answer -> receive(request, answer));
  }

  private Optional<String> wantedRange() {
    if (position == 0 && range.to() < 0) {
      return Optional.empty();
    }
    return Optional.of("bytes=" + position + "-" + (range.to() < 0 ? "" : range.to()));
  }

  private Future<Void> receive(RegistryRequest request, Answer answer) {
    long skip;
    try {
      skip = answer.status() == 206 ? partial(answer) : whole(answer);
      if (stream == null) {
        stream = sink.open(new BlobSink.BlobStart(end - range.from(), total));
      }
    } catch (RegistryException e) {
      answer.abandon();
      return Future.failedFuture(e);
    }
    long[] toSkip = {skip};
    return transport
        .bodies()
        .pump(answer, stream, buffer -> inspect(buffer, toSkip))
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof BodyPump.SinkFailure
                        ? cause
                        : TransportFailures.brokenBody(request, cause)))
        .compose(
            read -> {
              if (position < end) {
                return Future.failedFuture(
                    request
                        .failure(
                            ErrorCode.UNREACHABLE,
                            "the body ended after %d of %d bytes".formatted(position, end))
                        .withStatus(answer.status()));
              }
              return verifyEmpty();
            });
  }

  /** Only an empty blob is still unverified when its body has ended. */
  private Future<Void> verifyEmpty() {
    if (hash != null && end == 0) {
      try {
        verify();
      } catch (RegistryException e) {
        return Future.failedFuture(e);
      }
    }
    return Future.succeededFuture();
  }

  private long partial(Answer answer) {
    String header = answer.header("Content-Range");
    Matcher matcher = CONTENT_RANGE.matcher(header == null ? "" : header.strip());
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) != position) {
      throw corrupt("asked for bytes from %d, got '%s'".formatted(position, header));
    }
    agreeOnSize(matcher.group(3).equals("*") ? SIZE_UNKNOWN : Long.parseLong(matcher.group(3)));
    return 0;
  }

  private long whole(Answer answer) {
    agreeOnSize(answer.length().orElse(SIZE_UNKNOWN));
    if (position > 0 && ++ignoredRanges > MAX_IGNORED_RANGES) {
      throw corrupt("it ignores Range, so the rest of a broken transfer cannot be had");
    }
    return position;
  }

  private void agreeOnSize(long stated) {
    if (stated >= 0 && total >= 0 && stated != total) {
      throw RegistryException.of(
          ErrorCode.CORRUPT, describe(), "it has %d bytes, expected %d".formatted(stated, total));
    }
    if (stated < 0 && total < 0) {
      throw corrupt("the answer does not say how long it is");
    }
    total = Math.max(total, stated);
    end = range.to() < 0 ? total : Math.min(total, range.to() + 1);
    if (position > end) {
      throw RegistryException.of(
              ErrorCode.RANGE_INVALID,
              describe(),
              "no bytes from %d on, it has %d".formatted(position, total))
          .withStatus(416);
    }
  }

  private Buffer inspect(Buffer buffer, long[] toSkip) {
    Buffer rest = buffer;
    if (toSkip[0] > 0) {
      int skipped = (int) Math.min(toSkip[0], buffer.length());
      toSkip[0] -= skipped;
      rest = buffer.slice(skipped, buffer.length());
    }
    if (rest.length() == 0) {
      return rest;
    }
    if (position + rest.length() > end) {
      if (range.to() >= 0 && toSkip[0] == 0) {
        // A registry that ignores the end of a range: what was asked for is here.
        rest = rest.slice(0, (int) (end - position));
        if (rest.length() == 0) {
          return rest;
        }
      } else {
        poisoned = written;
        throw corrupt("more than %d bytes came".formatted(total));
      }
    }
    if (hash != null) {
      update(hash, rest);
      if (position + rest.length() == end) {
        verify();
      }
    }
    position += rest.length();
    written = true;
    return rest;
  }

  /** Piece by piece, so that not every byte that passes leaves a copy behind. */
  private void update(MessageDigest function, Buffer bytes) {
    for (int from = 0; from < bytes.length(); from += scratch.length) {
      int to = Math.min(bytes.length(), from + scratch.length);
      bytes.getBytes(from, to, scratch);
      function.update(scratch, 0, to - from);
    }
  }

  private void verify() {
    MessageDigest finished = hash;
    if (finished == null) {
      return;
    }
    Digest actual = Digest.fromHash(digest.algorithm(), finished.digest());
    if (!actual.equals(digest)) {
      poisoned = written;
      if (!written) {
        restart();
      }
      throw corrupt("its bytes have the digest " + actual);
    }
  }

  private RegistryException corrupt(String message) {
    return RegistryException.of(ErrorCode.CORRUPT, describe(), message);
  }

  private String describe() {
    return "GET " + repository + "@" + digest;
  }
}
