package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where an answer leads, and whether we go there. */
final class Redirects {

  private static final int MAX = 8;
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  private Redirects() {}

  /**
   * The next address of a request; empty where the answer is no redirect that is followed.
   *
   * @param from where the answer came from
   * @param location its header, if it has one
   * @param followed how many redirects came before
   * @throws RegistryException if the redirect is one too many, leads to no http or https address,
   *     or from https to http
   */
  static Optional<Target> next(
      RegistryRequest request, Target from, int status, @Nullable String location, int followed) {
    if (!request.followRedirects() || !STATUSES.contains(status) || location == null) {
      return Optional.empty();
    }
    if (followed >= MAX) {
      throw request.failure(ErrorCode.REFUSED, "more than %d redirects".formatted(MAX));
    }
    Target to;
    try {
      to = from.resolve(location);
    } catch (MalformedException e) {
      throw request.failure(ErrorCode.REFUSED, "redirected to " + e.getMessage()).withCause(e);
    }
    if (from.origin().isSecure() && !to.origin().isSecure()) {
      throw request.failure(
          ErrorCode.REFUSED, "redirected from https to " + to.origin() + ", not followed");
    }
    return Optional.of(to);
  }
}
