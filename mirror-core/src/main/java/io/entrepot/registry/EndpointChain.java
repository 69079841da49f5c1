package io.entrepot.registry;

import io.entrepot.oci.Repository;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Asks the endpoints of a registry in their order until one answers: first those that hold copies
 * of the very repository, then the configured ones; those that failed lately come last.
 *
 * <p>Every failure leads on to the next endpoint: a mirror that does not hold an image, is down, or
 * is out of quota is no reason to fail. Content counts as absent only when every endpoint says so.
 */
final class EndpointChain {

  private final Upstreams upstreams;
  private final EndpointHealth health;

  EndpointChain(Upstreams upstreams, EndpointHealth health) {
    this.upstreams = upstreams;
    this.health = health;
  }

  EndpointHealth health() {
    return health;
  }

  <T> Future<T> ask(
      Repository repository, Capability capability, Function<Route, Future<T>> request) {
    List<Route> routes = new ArrayList<>();
    // A copy has the content a digest names; about tags and referrers the original is asked.
    if (capability == Capability.PULL) {
      for (Repository copy : upstreams.copiesOf(repository)) {
        addRoutes(copy, capability, routes);
      }
    }
    addRoutes(repository, capability, routes);
    return ask(health.order(routes), 0, request, new ArrayList<>());
  }

  private void addRoutes(Repository repository, Capability capability, List<Route> routes) {
    Upstream upstream = upstreams.of(repository.registry());
    for (Endpoint endpoint : upstream.endpoints()) {
      if (endpoint.capabilities().contains(capability)) {
        routes.add(Route.of(upstream, endpoint, repository));
      }
    }
  }

  private <T> Future<T> ask(
      List<Route> routes,
      int index,
      Function<Route, Future<T>> request,
      List<RegistryException> failures) {
    if (index == routes.size()) {
      return Future.failedFuture(verdict(routes, failures));
    }
    Route route = routes.get(index).withAlternative(index < routes.size() - 1);
    return request
        .apply(route)
        .onSuccess(answer -> health.answered(route.origin()))
        .recover(
            cause -> {
              if (!(cause instanceof RegistryException failure)) {
                return Future.failedFuture(cause);
              }
              if (failure.code() == ErrorCode.TIMEOUT) {
                health.fellSilent(route.origin());
              } else if (isFault(failure)) {
                health.failed(route.origin());
              } else {
                health.answered(route.origin());
              }
              failures.add(failure);
              return ask(routes, index + 1, request, failures);
            });
  }

  /** A registry that is limited is left alone as one that is down: waiting for it takes as long. */
  private static boolean isFault(RegistryException failure) {
    return switch (failure.code()) {
      case UNREACHABLE, TIMEOUT, UNAVAILABLE, TOOMANYREQUESTS, PULL_LIMIT -> true;
      default -> failure.status() >= 500;
    };
  }

  private static RegistryException verdict(List<Route> routes, List<RegistryException> failures) {
    if (failures.isEmpty()) {
      return RegistryException.of(ErrorCode.UNSUPPORTED, "no endpoint is trusted with this");
    }
    if (failures.size() == 1) {
      return failures.getFirst();
    }
    RegistryException telling =
        failures.stream()
            .filter(failure -> !failure.code().isAbsence())
            .reduce((earlier, later) -> later.temporary() || !earlier.temporary() ? later : earlier)
            .orElse(failures.getLast());
    String all = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
    RegistryException verdict =
        RegistryException.of(
                telling.code(),
                "none of %d endpoints could answer: %s".formatted(routes.size(), all))
            .withStatus(telling.status())
            .withRetryAfter(telling.retryAfter())
            .withRemedy(telling.remedy())
            .withCause(telling);
    failures.forEach(verdict::addSuppressed);
    return verdict;
  }
}
