package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import java.util.List;

/** A request that gets an error document. */
public final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int status;
  private final transient List<Header> headers;

  /**
   * @param message for people
   */
  public ApiException(ErrorCode code, String message) {
    this(code, code.status(), message);
  }

  /**
   * @param status where it is not the code's own
   */
  public ApiException(ErrorCode code, int status, String message) {
    this(code, status, message, List.of());
  }

  ApiException(ErrorCode code, int status, String message, List<Header> headers) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.headers = List.copyOf(headers);
  }

  /** The code. */
  public ErrorCode code() {
    return code;
  }

  /** The status. */
  public int status() {
    return status;
  }

  /** Headers of the answer. */
  List<Header> headers() {
    return headers;
  }
}
