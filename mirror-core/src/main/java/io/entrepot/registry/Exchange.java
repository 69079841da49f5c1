package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * One request to one address, and its answer: no redirect, no retry. Counts requests and answers
 * and notes what registries say of their limits.
 */
final class Exchange {

  private final HttpConnections connections;
  private final HttpSender sender;
  private final Destinations destinations;
  private final Bodies bodies;
  private final Pauses pauses;
  private final RateLimits rateLimits = new RateLimits();
  private final RequestCounts requests = new RequestCounts();
  private final RequestCounts answers = new RequestCounts();
  private final Clock clock;

  Exchange(Vertx vertx, ClientSettings settings, Network network, Clock clock) {
    this.connections = new HttpConnections(vertx, settings, network);
    this.sender = new HttpSender(vertx, settings.timeouts());
    this.destinations =
        new Destinations(
            network.proxies(),
            new NameLookups(InetAddress::getByName, settings.timeouts().connect()));
    this.bodies = new Bodies(vertx, settings);
    this.pauses = new Pauses(vertx, settings.backoff().retryAfter());
    this.clock = clock;
  }

  /**
   * Sends once.
   *
   * @param target where to, which a redirect may have changed
   * @return an answer of any status; fails with a {@link RegistryException} or a {@link
   *     SourceFailure}
   */
  Future<Answer> send(RegistryRequest request, Target target, Optional<Secret> authorization) {
    String registry = request.registry().value();
    return destinations
        .address(request, target)
        .compose(
            address -> {
              requests.add(target.origin().authority(), request.verbAndKind());
              return connections
                  .open(request, target, address, authorization)
                  .compose(opened -> sender.send(opened, request));
            })
        .recover(cause -> Future.failedFuture(told(request, target, cause)))
        .onFailure(cause -> answers.add(registry, "none"))
        .compose(
            response -> {
              answers.add(registry, Integer.toString(response.statusCode()));
              return answer(request, target, response);
            });
  }

  private static Throwable told(RegistryRequest request, Target target, Throwable cause) {
    return cause instanceof RegistryException || cause instanceof SourceFailure
        ? cause
        : TransportFailures.unreachable(request, target, cause);
  }

  private Future<Answer> answer(
      RegistryRequest request, Target target, HttpClientResponse response) {
    Answer answer = new Answer(response, target);
    rateLimits.note(request.registry(), answer);
    if (answer.status() < 200) {
      // Taken for the last answer by the codec: the real one follows on this connection.
      answer.abandon();
      return Future.failedFuture(
          request
              .failure(ErrorCode.CORRUPT, "an interim answer that is not understood")
              .withStatus(answer.status()));
    }
    return Future.succeededFuture(answer);
  }

  /** What an answer means whose status was not expected. A 429 pauses the host. */
  RegistryException refused(RegistryRequest request, Answer answer, byte[] body) {
    RegistryException failure =
        ErrorAnswer.of(
            request, answer.target().origin(), answer.status(), answer.headers(), body, clock);
    Duration wait = failure.retryAfter();
    if (failure.code() == ErrorCode.TOOMANYREQUESTS && wait != null) {
      pauses.begin(request.target().origin(), wait);
    }
    return failure;
  }

  /** Done when the host of an origin may be asked: it may have asked for a pause. */
  Future<Void> welcome(Origin origin) {
    return pauses.over(origin);
  }

  /** Whether a host asked for a pause that is not over. */
  boolean isPaused(Origin origin) {
    return pauses.isPaused(origin);
  }

  Bodies bodies() {
    return bodies;
  }

  /** By host and by verb and kind. */
  RequestCounts requests() {
    return requests;
  }

  /** By registry and status; {@code none} stands for no answer. */
  RequestCounts answers() {
    return answers;
  }

  RateLimits rateLimits() {
    return rateLimits;
  }

  /** Done when every connection is closed. */
  Future<Void> close() {
    destinations.close();
    return connections.close();
  }
}
