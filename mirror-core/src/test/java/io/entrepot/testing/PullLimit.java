package io.entrepot.testing;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Docker Hub's limit: a GET of a manifest counts, a HEAD tells how many are left. */
final class PullLimit {

  private static final String WINDOW = ";w=21600";

  private final AtomicInteger remaining = new AtomicInteger();
  private volatile int limit = -1;

  void set(int newLimit, int newRemaining) {
    remaining.set(newRemaining);
    limit = newLimit;
  }

  void refill(int newRemaining) {
    remaining.set(newRemaining);
  }

  void lift() {
    limit = -1;
  }

  int remaining() {
    return remaining.get();
  }

  Response around(RecordedRequest request, Supplier<Response> read) {
    if (limit < 0) {
      return read.get();
    }
    if (request.method().equals("GET")
        && remaining.getAndUpdate(count -> Math.max(0, count - 1)) <= 0) {
      return withHeaders(
          Response.error(
              429,
              "TOOMANYREQUESTS",
              "You have reached your unauthenticated pull rate limit."
                  + " https://www.docker.com/increase-rate-limit"));
    }
    return withHeaders(read.get());
  }

  private Response withHeaders(Response response) {
    return response
        .header("ratelimit-limit", limit + WINDOW)
        .header("ratelimit-remaining", remaining.get() + WINDOW)
        .header("docker-ratelimit-source", "192.0.2.7");
  }
}
