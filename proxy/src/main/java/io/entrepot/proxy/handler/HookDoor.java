package io.entrepot.proxy.handler;

import io.entrepot.proxy.hook.HookVendor;
import io.entrepot.proxy.hook.Hooks;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;

/** {@code POST /hooks/VENDOR}. Secrets stand in place of users here. */
final class HookDoor {

  static final String PREFIX = "/hooks/";

  private static final int MAX_BODY = 1024 * 1024;
  private static final long ALL_BODIES = 8L << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Hooks hooks;
  private final LimitedBody bodies = new LimitedBody(ALL_BODIES, DEADLINE);

  HookDoor(Hooks hooks) {
    this.hooks = hooks;
  }

  Future<Response> answer(Exchange exchange, String path) {
    HookVendor vendor =
        HookVendor.of(path.substring(PREFIX.length()))
            .orElseThrow(() -> new ApiException(ErrorCode.NAME_UNKNOWN, "no such address"));
    if (!exchange.request().method().equals(HttpMethod.POST)) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED,
          ErrorCode.UNSUPPORTED.status(),
          exchange.request().method() + " is not possible here",
          List.of(new Header("Allow", "POST")));
    }
    return bodies.use(
        exchange,
        MAX_BODY,
        body ->
            exchange
                .onWorker(
                    () ->
                        hooks.call(
                            vendor,
                            body,
                            exchange.header(HttpHeaders.AUTHORIZATION),
                            exchange.header("X-Hub-Signature-256"),
                            exchange.query("secret")))
                .map(HookDoor::response));
  }

  private static Response response(Hooks.Answer answer) {
    return switch (answer) {
      case ACCEPTED -> new Response.Empty(answer.status(), List.of());
      case NONSENSE -> failure(ErrorCode.UNKNOWN, answer, "not an event of this vendor");
      case UNPROVED -> failure(ErrorCode.UNAUTHORIZED, answer, "the secret is missing or wrong");
      case TOO_MANY ->
          new Response.Failure(
              ErrorCode.TOOMANYREQUESTS,
              answer.status(),
              "too many events; come again in a minute",
              Duration.ofMinutes(1),
              List.of());
    };
  }

  private static Response failure(ErrorCode code, Hooks.Answer answer, String message) {
    return new Response.Failure(code, answer.status(), message, null, List.of());
  }
}
