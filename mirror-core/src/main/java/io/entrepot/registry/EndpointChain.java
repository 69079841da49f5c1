package io.entrepot.registry;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Asks the endpoints of a registry in their order until one answers.
 *
 * <p>Every failure leads on to the next endpoint: a mirror that does not hold an image, is down, or
 * is out of quota is no reason to fail. Content counts as absent only when every endpoint says so.
 */
final class EndpointChain {

  private EndpointChain() {}

  static <T> Future<T> ask(
      Upstream upstream, Capability capability, Function<Endpoint, Future<T>> request) {
    List<Endpoint> endpoints =
        upstream.endpoints().stream()
            .filter(endpoint -> endpoint.capabilities().contains(capability))
            .toList();
    return ask(endpoints, 0, request, new ArrayList<>());
  }

  private static <T> Future<T> ask(
      List<Endpoint> endpoints,
      int index,
      Function<Endpoint, Future<T>> request,
      List<RegistryException> failures) {
    if (index == endpoints.size()) {
      return Future.failedFuture(verdict(endpoints, failures));
    }
    return request
        .apply(endpoints.get(index))
        .recover(
            cause -> {
              if (!(cause instanceof RegistryException failure)) {
                return Future.failedFuture(cause);
              }
              failures.add(failure);
              return ask(endpoints, index + 1, request, failures);
            });
  }

  private static RegistryException verdict(
      List<Endpoint> endpoints, List<RegistryException> failures) {
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
            "none of %d endpoints could answer: %s".formatted(endpoints.size(), all),
            telling.retryAfter(),
            telling.remedy(),
            telling);
    failures.forEach(verdict::addSuppressed);
    return verdict;
  }
}
