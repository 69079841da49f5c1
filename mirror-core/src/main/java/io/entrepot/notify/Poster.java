package io.entrepot.notify;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Sends messages. An address is used to the letter: parts of it are encoded in ways that only its
 * owner understands. No redirect is followed, and of an answer only its status and {@code
 * Retry-After} count.
 */
final class Poster implements AutoCloseable {

  /** So long a sink has for an answer; one that hangs holds up nothing else. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final Duration LONGEST_WAIT = Duration.ofHours(6);

  private final HttpClient client;

  Poster(Vertx vertx) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setConnectTimeout((int) LIMIT.toMillis())
                .setIdleTimeout((int) LIMIT.toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setKeepAlive(false)
                .setMaxHeaderSize(32 * 1024),
            new PoolOptions().setHttp1MaxSize(4).setMaxWaitQueueSize(64));
  }

  /** What came of a request. */
  sealed interface Answer {

    /** The sink has it. */
    record Taken() implements Answer {}

    /** The sink will never take it. */
    record Gone(String why) implements Answer {}

    /**
     * It has to be sent again.
     *
     * @param after how long the sink asks to wait
     */
    record Later(String why, Optional<Duration> after) implements Answer {}
  }

  /** Sends one message; for threads that may wait. */
  Answer post(Sink sink, Message message) {
    URI address = sink.address();
    boolean secure = "https".equals(address.getScheme());
    String path =
        (address.getRawPath() == null ? "" : address.getRawPath()).replaceFirst("/$", "")
            + message.path();
    String target =
        (message.path().isEmpty()
                ? Optional.ofNullable(address.getRawPath())
                    .filter(raw -> !raw.isEmpty())
                    .orElse("/")
                : path)
            + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setSsl(secure)
            .setHost(address.getHost().replaceAll("[\\[\\]]", ""))
            .setPort(address.getPort() < 0 ? (secure ? 443 : 80) : address.getPort())
            .setURI(target)
            .setFollowRedirects(false)
            .setTimeout(LIMIT.toMillis());
    message.headers().forEach(options::putHeader);
    options.putHeader("User-Agent", "entrepot");
    if (sink instanceof Sink.Github github) {
      options.putHeader("Authorization", "Bearer " + github.token());
    }
    try {
      return client
          .request(options)
          .compose(
              request ->
                  request
                      .send(Buffer.buffer(message.body()))
                      .compose(Poster::read)
                      .onFailure(cause -> request.reset()))
          .timeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
          .await();
    } catch (Exception e) {
      return new Answer.Later(words(e), Optional.empty());
    }
  }

  /** Nothing of the body is read: who answers decides its length. */
  private static Future<Answer> read(HttpClientResponse response) {
    int status = response.statusCode();
    Answer answer;
    if (status / 100 == 2) {
      answer = new Answer.Taken();
    } else if (status == 404 || status == 410) {
      answer =
          new Answer.Gone("it answers %d: there is no such address any more".formatted(status));
    } else {
      answer =
          new Answer.Later(
              "it answers %d".formatted(status), after(response.getHeader("Retry-After")));
    }
    response.request().connection().close();
    return Future.succeededFuture(answer);
  }

  private static Optional<Duration> after(@org.jspecify.annotations.Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    Duration wait;
    try {
      wait =
          header.strip().matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(header.strip()))
              : Duration.between(
                  Instant.now(),
                  ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
    return wait.isNegative()
        ? Optional.empty()
        : Optional.of(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
  }

  /** The kind of a failure. Not its message: that may have the address in it. */
  private static String words(Throwable failure) {
    return switch (failure) {
      case java.net.UnknownHostException _ -> "its name is not known";
      case java.net.ConnectException _ -> "it cannot be connected to";
      case javax.net.ssl.SSLException _ -> "its certificate is not accepted";
      case java.util.concurrent.TimeoutException _ ->
          "no answer within %d s".formatted(LIMIT.toSeconds());
      default -> "no answer (" + failure.getClass().getSimpleName() + ")";
    };
  }

  @Override
  public void close() {
    client.close().timeout(2, TimeUnit.SECONDS).otherwiseEmpty().await();
  }
}
