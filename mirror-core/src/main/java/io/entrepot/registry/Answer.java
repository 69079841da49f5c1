package io.entrepot.registry;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Status and headers of an answer whose body has not been read.
 *
 * @param response paused; read to its end or abandoned before the future of the request completes
 * @param target where it came from, which a redirect may have changed
 */
record Answer(HttpClientResponse response, Target target) {

  int status() {
    return response.statusCode();
  }

  @Nullable String header(String name) {
    return response.getHeader(name);
  }

  MultiMap headers() {
    return response.headers();
  }

  /** The {@code Content-Length}, where it is a number. */
  Optional<Long> length() {
    String length = header("Content-Length");
    return length != null && length.matches("[0-9]{1,18}")
        ? Optional.of(Long.parseLong(length))
        : Optional.empty();
  }

  /** Ends an answer of which no more is wanted. */
  void abandon() {
    abandon(response);
  }

  /**
   * Ends a response of which no more is wanted. A connection of HTTP/1 is closed: one whose answer
   * was reset after all of it had come went back to the pool of Vert.x 5.2 twice, and a later
   * request on it could wait for ever.
   */
  static void abandon(HttpClientResponse response) {
    if (response.version() == HttpVersion.HTTP_2) {
      response.request().reset();
    } else {
      response.request().connection().close();
    }
  }
}
