package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
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

  private final Function<RegistryName, Upstream> upstreams;
  private final Function<Repository, List<Repository>> copies;
  private final EndpointHealth health;

  /**
   * @param copies other repositories that hold the same content
   */
  EndpointChain(
      Function<RegistryName, Upstream> upstreams,
      Function<Repository, List<Repository>> copies,
      EndpointHealth health) {
    this.upstreams = upstreams;
    this.copies = copies;
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
      for (Repository copy : copies.apply(repository)) {
        addRoutes(copy, capability, routes);
      }
    }
    addRoutes(repository, capability, routes);
    return ask(health.order(routes), 0, request, new ArrayList<>());
  }

  private void addRoutes(Repository repository, Capability capability, List<Route> routes) {
    Upstream upstream = upstreams.apply(repository.registry());
    upstream.endpoints().stream()
        .filter(endpoint -> endpoint.capabilities().contains(capability))
        .forEach(endpoint -> routes.add(Route.of(upstream, endpoint, repository)));
  }

  private <T> Future<T> ask(
      List<Route> routes,
      int index,
      Function<Route, Future<T>> request,
      List<RegistryException> failures) {
    if (index == routes.size()) {
      return Future.failedFuture(verdict(routes, failures));
    }
    Route route = routes.get(index);
    return request
        .apply(route)
        .onSuccess(answer -> health.answered(route.origin()))
        .recover(
            cause -> {
              if (!(cause instanceof RegistryException failure)) {
                return Future.failedFuture(cause);
              }
              if (isFault(failure)) {
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
      return new RegistryException(
          ErrorCode.UNSUPPORTED, 0, "", "no endpoint is trusted with this", null, null, null);
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
        new RegistryException(
            telling.code(),
            telling.status(),
            "",
            "none of %d endpoints could answer: %s".formatted(routes.size(), all),
            telling.retryAfter(),
            telling.remedy(),
            telling);
    failures.forEach(verdict::addSuppressed);
    return verdict;
  }
}
