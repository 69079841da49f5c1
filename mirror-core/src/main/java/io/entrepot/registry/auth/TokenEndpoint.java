package io.entrepot.registry.auth;

import io.vertx.core.Future;

/** Sends requests to token realms; the transport's part of the work. */
@FunctionalInterface
public interface TokenEndpoint {

  /**
   * Sends one request: with limits of size and time, with retries of its own where they help,
   * without following redirects. Any status that is the last word is an answer, not a failure.
   */
  Future<TokenAnswer> request(TokenRequest request);
}
