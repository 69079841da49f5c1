package io.entrepot.registry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request to a registry that failed for good, after retries.
 *
 * <p>The message names the registry, the request with secrets removed, the status, what the
 * registry said and what was tried; {@link #remedy()} says what a person can do.
 *
 * <p>The {@code with…} methods give a copy with one more fact.
 */
public final class RegistryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int status;
  private final String request;
  private final String problem;
  private final @Nullable Duration retryAfter;
  private final @Nullable String remedy;

  private RegistryException(
      ErrorCode code,
      int status,
      String request,
      String problem,
      @Nullable Duration retryAfter,
      @Nullable String remedy,
      @Nullable Throwable cause) {
    super(request.isEmpty() ? problem : request + ": " + problem, cause);
    this.code = code;
    this.status = status;
    this.request = request;
    this.problem = problem;
    this.retryAfter = retryAfter;
    this.remedy = remedy;
  }

  /** A failure that belongs to no single request. */
  public static RegistryException of(ErrorCode code, String problem) {
    return of(code, "", problem);
  }

  /**
   * A failed request.
   *
   * @param request method and address, secrets removed
   * @param problem what happened, without the request
   */
  public static RegistryException of(ErrorCode code, String request, String problem) {
    return new RegistryException(code, 0, request, problem, null, null, null);
  }

  /** The same failure, with the HTTP status of the answer. */
  public RegistryException withStatus(int status) {
    return new RegistryException(code, status, request, problem, retryAfter, remedy, getCause());
  }

  /** The same failure, with how long the registry wants to be left alone, or null. */
  public RegistryException withRetryAfter(@Nullable Duration wait) {
    return new RegistryException(code, status, request, problem, wait, remedy, getCause());
  }

  /** The same failure, with what a person can do, or null. */
  public RegistryException withRemedy(@Nullable String advice) {
    return new RegistryException(code, status, request, problem, retryAfter, advice, getCause());
  }

  /** The same failure, with what led to it. */
  public RegistryException withCause(Throwable cause) {
    return new RegistryException(code, status, request, problem, retryAfter, remedy, cause);
  }

  /** The kind of failure. */
  public ErrorCode code() {
    return code;
  }

  /** The HTTP status, or 0 where no answer came. */
  public int status() {
    return status;
  }

  /** Method and address of the request, secrets removed; empty where it is no single request. */
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

  /** Whether the registry has had enough of us for now, so that later is the only remedy. */
  public boolean isLimit() {
    return code == ErrorCode.PULL_LIMIT || code == ErrorCode.TOOMANYREQUESTS;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  public boolean temporary() {
    return switch (code) {
      case TOOMANYREQUESTS, PULL_LIMIT, UNAVAILABLE, UNREACHABLE, TIMEOUT, CORRUPT -> true;
      case UNSUPPORTED -> false;
      default -> status >= 500;
    };
  }
}
