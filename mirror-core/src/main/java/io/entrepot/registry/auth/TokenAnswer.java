package io.entrepot.registry.auth;

import io.vertx.core.buffer.Buffer;

/**
 * What a token realm said.
 *
 * @param status the HTTP status
 * @param body the body, at most 1 MiB
 */
public record TokenAnswer(int status, Buffer body) {

  /** Without the body, in which a token is. */
  @Override
  public String toString() {
    return "TokenAnswer[status=" + status + ", " + body.length() + " bytes]";
  }
}
