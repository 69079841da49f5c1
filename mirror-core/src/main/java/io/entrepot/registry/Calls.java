package io.entrepot.registry;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.AuthException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** How the client's calls are made: reads over all endpoints, writes to the owner, with retries. */
final class Calls {

  private final Vertx vertx;
  private final Transport transport;
  private final Upstreams upstreams;
  private final EndpointChain endpoints;
  private final Set<Repository> aboutToBeWritten = ConcurrentHashMap.newKeySet();

  Calls(Vertx vertx, Transport transport, Upstreams upstreams, EndpointChain endpoints) {
    this.vertx = vertx;
    this.transport = transport;
    this.upstreams = upstreams;
    this.endpoints = endpoints;
  }

  Transport transport() {
    return transport;
  }

  EndpointChain endpoints() {
    return endpoints;
  }

  Upstream upstream(Repository repository) {
    return upstreams.of(repository.registry());
  }

  /** The way to the one endpoint that is written to. */
  Route owner(Repository repository) {
    return Route.toOwner(upstream(repository), repository);
  }

  /**
   * Asks the endpoints in their order until one answers, and all of them again if it is worth it.
   */
  <T> Future<T> read(
      Repository repository, Capability capability, Function<Route, Future<T>> request) {
    return onEventLoop(
        () -> transport.retries().run(() -> endpoints.ask(repository, capability, request)));
  }

  /** Sends a request whose answer has no body that matters, and judges its headers. */
  Future<Void> write(RegistryRequest request, Function<Answer, Future<Void>> judge) {
    return onEventLoop(() -> transport.sendForHeaders(request, judge));
  }

  /** Everything of one call happens on one event loop, so that its state needs no locks. */
  <T> Future<T> onEventLoop(Supplier<Future<T>> call) {
    if (Vertx.currentContext() != null) {
      return SingleFlight.attempt(call);
    }
    Promise<T> promise = Promise.promise();
    vertx
        .getOrCreateContext()
        .runOnContext(start -> SingleFlight.attempt(call).onComplete(promise));
    return promise.future();
  }

  /**
   * Some registries refuse to say anything of a repository that does not exist before its first
   * push (Quay): until then a refusal to read it means that nothing is there.
   */
  void expectPushes(Repository repository) {
    aboutToBeWritten.add(repository);
  }

  /** As {@link #orEmpty(Future)}, with what {@link #expectPushes} says of refusals. */
  <T> Future<Optional<T>> orEmpty(Repository repository, Future<T> call) {
    return orEmpty(call)
        .recover(
            cause ->
                aboutToBeWritten.contains(repository) && isRefusedByTheRegistry(cause)
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(cause));
  }

  private static boolean isRefusedByTheRegistry(Throwable cause) {
    return cause instanceof RegistryException failure
        && (failure.status() == 401 || failure.status() == 403)
        && !(failure.getCause() instanceof AuthException);
  }

  /** Absent content is nothing; every other failure stays one. */
  static <T> Future<Optional<T>> orEmpty(Future<T> call) {
    return call.map(Optional::of)
        .recover(
            cause ->
                cause instanceof RegistryException failure && failure.code().isAbsence()
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(cause));
  }
}
