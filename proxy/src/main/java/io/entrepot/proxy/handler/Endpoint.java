package io.entrepot.proxy.handler;

import io.vertx.core.Future;

/** Answers a request for the page or its API that was let in. */
interface Endpoint {
  Future<Response> answer(Visit visit);
}
