package io.entrepot.registry;

import io.entrepot.registry.auth.Scope;
import io.entrepot.registry.auth.TokenAnswer;
import io.entrepot.registry.auth.TokenEndpoint;
import io.entrepot.registry.auth.TokenRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** The authorizer's way to a token realm: no redirects, no authorization but the given one. */
final class TokenRequests implements TokenEndpoint {

  private static final int MAX_BYTES = 1024 * 1024;

  private final Exchange exchange;
  private final Retries retries;
  private final Upstreams upstreams;

  TokenRequests(Exchange exchange, Retries retries, Upstreams upstreams) {
    this.exchange = exchange;
    this.retries = retries;
    this.upstreams = upstreams;
  }

  @Override
  public Future<TokenAnswer> request(TokenRequest token) {
    String path = token.uri().getRawPath();
    String query = token.uri().getRawQuery();
    Target target =
        new Target(
            token.origin(),
            (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query));
    Requests line = token.form().isPresent() ? Requests.EXCHANGE_TOKEN : Requests.ASK_TOKEN;
    RegistryRequest.Builder builder =
        line.at(upstreams.of(token.origin().registryName()), target, Scope.NONE).anonymous();
    token
        .form()
        .ifPresent(
            form ->
                builder
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(Buffer.buffer(form.reveal())));
    RegistryRequest request = builder.build();
    return retries.run(
        () ->
            exchange
                .welcome(token.origin())
                .compose(welcome -> exchange.send(request, target, token.authorization()))
                .compose(answer -> read(request, answer)));
  }

  private Future<TokenAnswer> read(RegistryRequest request, Answer answer) {
    if (!request.expected().contains(answer.status())) {
      return exchange
          .bodies()
          .error(answer)
          .compose(body -> Future.failedFuture(exchange.refused(request, answer, body)));
    }
    return exchange
        .bodies()
        .read(request, answer, MAX_BYTES)
        .map(body -> new TokenAnswer(answer.status(), Buffer.buffer(body)));
  }
}
