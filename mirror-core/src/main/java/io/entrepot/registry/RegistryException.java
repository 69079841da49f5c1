package io.entrepot.registry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request to a registry that failed for good, after retries.
 *
 * <p>The message names the registry, the request with secrets removed, the status, what the
 * registry said and what was tried; {@link #remedy()} says what a person can do.
 */
public final class RegistryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int status;
  private final String request;
  private final @Nullable Duration retryAfter;
  private final @Nullable String remedy;

  /**
   * @param code the kind of failure
   * @param status the HTTP status, or 0 where no answer came
   * @param request method and address, secrets removed
   * @param message what happened, without the request
   * @param retryAfter how long the registry wants to be left alone, if it said so
   * @param remedy what a person can do, if that is known
   */
  public RegistryException(
      ErrorCode code,
      int status,
      String request,
      String message,
      @Nullable Duration retryAfter,
      @Nullable String remedy,
      @Nullable Throwable cause) {
    super(request.isEmpty() ? message : request + ": " + message, cause);
    this.code = code;
    this.status = status;
    this.request = request;
    this.retryAfter = retryAfter;
    this.remedy = remedy;
  }

  /** The kind of failure. */
  public ErrorCode code() {
    return code;
  }

  /** The HTTP status, or 0 where no answer came. */
  public int status() {
    return status;
  }

  /** Method and address of the request, secrets removed. */
  public String request() {
    return request;
  }

  /** How long the registry wants to be left alone, if it said so. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** What a person can do, if that is known. */
  public @Nullable String remedy() {
    return remedy;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  public boolean temporary() {
    return switch (code) {
      case TOOMANYREQUESTS, PULL_LIMIT, UNAVAILABLE, UNREACHABLE, TIMEOUT, CORRUPT -> true;
      default -> status >= 500;
    };
  }
}
