package io.entrepot.proxy.metrics;

import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.time.Instant;

/**
 * What went wrong with an upstream.
 *
 * @param message for people; without the account that was used
 */
public record UpstreamFailure(String message, Instant at) {

  static UpstreamFailure of(RegistryException failure, Instant at) {
    // With which account upstream was asked is the operator's to know.
    boolean refused =
        failure.code() == ErrorCode.UNAUTHORIZED || failure.code() == ErrorCode.DENIED;
    return new UpstreamFailure(
        refused
            ? "%s: refused (%d); the log says more".formatted(failure.request(), failure.status())
            : String.valueOf(failure.getMessage()),
        at);
  }
}
