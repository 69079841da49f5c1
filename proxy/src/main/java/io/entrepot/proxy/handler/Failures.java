package io.entrepot.proxy.handler;

import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.admission.RefusedException;
import io.entrepot.proxy.route.DistributionPath.BadPathException;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The only way from what was thrown to what a client is told. */
final class Failures {

  private static final Logger LOG = System.getLogger(Failures.class.getName());

  private Failures() {}

  /** The answer; what a client cannot help is told to the log. */
  static Response answer(Exchange exchange, Throwable cause) {
    return switch (cause) {
      case ClientLeftException left -> {
        LOG.log(Level.DEBUG, "{0}: {1}", exchange.describe(), left.getMessage());
        yield new Response.Disconnect();
      }
      case ApiException api ->
          new Response.Failure(api.code(), api.status(), message(api), null, api.headers());
      case RefusedException refused -> error(ErrorCode.DENIED, 403, message(refused), null);
      case BadPathException path -> error(path.code(), path.code().status(), message(path), null);
      case MalformedException malformed ->
          error(ErrorCode.NAME_INVALID, 400, message(malformed), null);
      case StoreException store -> store(store);
      case RegistryException registry ->
          error(
              registry.code() == ErrorCode.PULL_LIMIT ? ErrorCode.TOOMANYREQUESTS : registry.code(),
              upstreamStatus(registry),
              upstreamMessage(exchange, registry),
              registry.retryAfter());
      default -> {
        LOG.log(Level.ERROR, exchange.describe() + " failed", cause);
        yield error(ErrorCode.UNKNOWN, 500, "internal error; the log says more", null);
      }
    };
  }

  private static Response.Failure store(StoreException failure) {
    return switch (failure.reason()) {
      case FULL -> {
        LOG.log(Level.ERROR, "the store is full: {0}", failure.getMessage());
        yield error(
            ErrorCode.UNAVAILABLE,
            507,
            "the registry's disk is full; nothing was stored",
            Duration.ofSeconds(60));
      }
      case MISMATCH -> error(ErrorCode.DIGEST_INVALID, 400, message(failure), null);
      case OUT_OF_ORDER -> error(ErrorCode.RANGE_INVALID, 416, message(failure), null);
      default -> {
        LOG.log(Level.ERROR, "the store failed", failure);
        yield error(
            ErrorCode.UNAVAILABLE, 503, "the registry's store failed; its log says more", null);
      }
    };
  }

  // An upstream that refuses us is for the client something that is not to be had here; one that
  // sends nonsense is not the client's mistake.
  private static int upstreamStatus(RegistryException failure) {
    return switch (failure.code()) {
      case UNAUTHORIZED, DENIED -> 403;
      case MANIFEST_INVALID, DIGEST_INVALID, SIZE_INVALID -> 502;
      default -> failure.code().status();
    };
  }

  /** With which account upstream was asked is the operator's to know, not the client's. */
  private static String upstreamMessage(Exchange exchange, RegistryException failure) {
    if (failure.code() != ErrorCode.UNAUTHORIZED && failure.code() != ErrorCode.DENIED) {
      return message(failure);
    }
    LOG.log(Level.WARNING, "{0}: {1}", exchange.describe(), message(failure));
    return "%s: refused (%d); the log of this registry says more"
        .formatted(failure.request(), failure.status());
  }

  private static Response.Failure error(
      ErrorCode code, int status, String message, @Nullable Duration retryAfter) {
    return new Response.Failure(code, status, message, retryAfter, List.of());
  }

  private static String message(Throwable cause) {
    return String.valueOf(cause.getMessage());
  }
}
