package io.entrepot.registry;

import io.entrepot.registry.auth.AuthException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the network, TLS or the authorization did, as a failure of the request. */
final class TransportFailures {

  private TransportFailures() {}

  /** No answer came from a target. */
  static RegistryException unreachable(RegistryRequest request, Target target, Throwable cause) {
    String where =
        target.origin().equals(request.target().origin())
            ? ""
            : " (redirected to " + target.origin() + ")";
    if (cause(cause, CertificateException.class) != null
        || cause(cause, CertPathBuilderException.class) != null) {
      return request
          .failure(
              ErrorCode.REFUSED, "its certificate is not trusted" + where + ": " + words(cause))
          .withRemedy(
              "if it is of your own authority, give registries: %s: ca: with a PEM file, or add it to the certificates of this machine (SSL_CERT_FILE)"
                  .formatted(request.registry()))
          .withCause(cause);
    }
    UnknownHostException unknown = cause(cause, UnknownHostException.class);
    if (unknown != null) {
      return request
          .failure(
              ErrorCode.UNREACHABLE,
              "no such host" + where + ": " + words(unknown) + " cannot be resolved to an address")
          .withRemedy("check the spelling of the registry's name, and this machine's DNS")
          .withCause(cause);
    }
    ConnectException connecting = cause(cause, ConnectException.class);
    if (connecting != null && String.valueOf(connecting.getMessage()).contains("refused")) {
      return request
          .failure(
              ErrorCode.UNREACHABLE,
              "connection refused%s: nothing listens at %s".formatted(where, target.origin()))
          .withRemedy("check host and port, and whether the registry runs")
          .withCause(cause);
    }
    boolean timeout = cause instanceof TimeoutException;
    return request
        .failure(
            timeout ? ErrorCode.TIMEOUT : ErrorCode.UNREACHABLE,
            (timeout ? "timed out" : "cannot reach it") + where + ": " + words(cause))
        .withCause(cause);
  }

  /** The body of an answer ended before its end. */
  static RegistryException brokenBody(RegistryRequest request, Throwable cause) {
    if (cause instanceof RegistryException failure) {
      return failure;
    }
    ErrorCode code =
        cause instanceof BodyPump.StalledException ? ErrorCode.TIMEOUT : ErrorCode.UNREACHABLE;
    return request.failure(code, "the body broke off: " + words(cause)).withCause(cause);
  }

  static RegistryException tooLong(RegistryRequest request, int limit) {
    return request.failure(
        ErrorCode.SIZE_INVALID, "the answer is longer than %d bytes".formatted(limit));
  }

  /** No authorization could be had for the request. */
  static RegistryException unauthorized(RegistryRequest request, Throwable cause) {
    if (cause instanceof RegistryException failure) {
      return failure;
    }
    if (cause instanceof AuthException auth) {
      ErrorCode code =
          switch (auth.reason()) {
            case REALM_REFUSED, INSECURE -> ErrorCode.REFUSED;
            case CREDENTIALS_REFUSED, CREDENTIALS_UNAVAILABLE, NOT_UNDERSTOOD ->
                ErrorCode.UNAUTHORIZED;
          };
      return request
          .failure(code, Objects.requireNonNullElse(auth.getMessage(), "not authorized"))
          .withStatus(auth.status())
          .withRemedy(auth.remedy())
          .withCause(auth);
    }
    return request.failure(ErrorCode.UNKNOWN, words(cause)).withCause(cause);
  }

  private static <T extends Throwable> @Nullable T cause(Throwable cause, Class<T> type) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return type.cast(each);
      }
    }
    return null;
  }

  /** The most telling message of a chain of causes. */
  private static String words(Throwable cause) {
    String message = null;
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each.getMessage() != null && !each.getMessage().isBlank()) {
        message = each.getMessage();
      }
    }
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
