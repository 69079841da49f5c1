package io.entrepot.registry;

import io.entrepot.registry.auth.Authorizer;
import io.entrepot.registry.auth.CredentialSource;
import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Sends requests: {@link Exchange} sends one, {@link Redirects} says where it leads, {@link
 * Authorizer} has what proves who asks, {@link Retries} tries again, {@link Bodies} reads.
 *
 * <p>The rule of credentials (design, rule 2) is kept in one place, {@link Hop#header}: the
 * authorization of a request is attached while the hop's origin is the request's own, and to no
 * other hop. Another origin gets at most an anonymous token that its own realm gave out.
 */
final class Transport {

  /** What stores answer to an address whose signature expired: S3 and Azure 403, Google 400. */
  private static final Set<Integer> REFUSES_AN_ADDRESS = Set.of(400, 401, 403);

  private final ClientSettings settings;
  private final Exchange exchange;
  private final Retries retries;
  private final Authorizer authorizer;

  /** Endpoints that the configuration spells with http: credentials may go there unencrypted. */
  private final Set<Origin> plainOrigins = ConcurrentHashMap.newKeySet();

  /**
   * @param credentials asked for registries without credentials in their configuration
   */
  Transport(
      Vertx vertx,
      ClientSettings settings,
      Network network,
      CredentialSource credentials,
      Upstreams upstreams,
      Clock clock) {
    this.settings = settings;
    this.exchange = new Exchange(vertx, settings, network, clock);
    this.retries = new Retries(vertx, settings.attempts(), settings.backoff(), System::nanoTime);
    CredentialSource configured =
        registry -> Optional.ofNullable(upstreams.of(registry).credentials());
    this.authorizer =
        new Authorizer(
            vertx,
            configured.or(credentials),
            registry -> upstreams.of(registry).tokenRealms(),
            plainOrigins::contains,
            new TokenRequests(exchange, retries, upstreams));
  }

  ClientSettings settings() {
    return settings;
  }

  Exchange exchange() {
    return exchange;
  }

  Retries retries() {
    return retries;
  }

  Bodies bodies() {
    return exchange.bodies();
  }

  /** Done when every connection is closed. */
  Future<Void> close() {
    return exchange.close();
  }

  /**
   * One hop of a request over redirects.
   *
   * @param authorization for the request's own origin
   * @param mayRenew whether a refused authorization is renewed
   * @param anonymous a token of the target's own realm, given out for no credentials
   * @param mayStartAgain whether an address that the registry gave and that is refused is asked for
   *     again: signed addresses expire
   */
  private record Hop(
      RegistryRequest request,
      Target target,
      Optional<Secret> authorization,
      boolean mayRenew,
      int redirects,
      Optional<Secret> anonymous,
      boolean mayStartAgain) {

    static Hop first(RegistryRequest request, Optional<Secret> authorization) {
      return new Hop(
          request,
          request.target(),
          authorization,
          request.authorized(),
          0,
          Optional.empty(),
          !request.isWrite());
    }

    Hop redirected(Target to) {
      return new Hop(
          request, to, authorization, mayRenew, redirects + 1, Optional.empty(), mayStartAgain);
    }

    Hop renewed(Optional<Secret> fresh) {
      return new Hop(
          request, request.target(), fresh, false, redirects, Optional.empty(), mayStartAgain);
    }

    Hop with(Optional<Secret> token) {
      return new Hop(request, target, authorization, mayRenew, redirects, token, mayStartAgain);
    }

    Hop again() {
      return new Hop(
          request, request.target(), authorization, mayRenew, redirects, Optional.empty(), false);
    }

    boolean isOwn() {
      return target.origin().equals(request.target().origin());
    }

    Optional<Secret> header() {
      return isOwn() ? authorization : anonymous;
    }
  }

  /**
   * Sends once, follows redirects, renews an authorization once. No retry.
   *
   * @param handler is given an answer whose status was expected; reads it to its end or abandons it
   */
  <T> Future<T> send(RegistryRequest request, Function<Answer, Future<T>> handler) {
    Origin origin = request.target().origin();
    if (request.authorized() && !origin.isSecure()) {
      plainOrigins.add(origin);
    }
    return exchange
        .welcome(origin)
        .compose(
            welcome ->
                request.authorized()
                    ? authorizer.authorization(origin, request.account(), request.scope())
                    : Future.succeededFuture(Optional.<Secret>empty()))
        .recover(cause -> Future.failedFuture(TransportFailures.unauthorized(request, cause)))
        .compose(secret -> follow(Hop.first(request, secret), handler));
  }

  /** As {@link #send}, with retries, for an answer whose headers alone matter. */
  <T> Future<T> sendForHeaders(RegistryRequest request, Function<Answer, Future<T>> judge) {
    return retries.run(
        () ->
            send(request, answer -> bodies().discard(answer).compose(read -> judge.apply(answer))));
  }

  private <T> Future<T> follow(Hop hop, Function<Answer, Future<T>> handler) {
    return exchange
        .send(hop.request, hop.target, hop.header())
        .compose(
            answer -> {
              if (hop.request.expected().contains(answer.status())) {
                return handler.apply(answer);
              }
              Optional<Target> next;
              try {
                next =
                    Redirects.next(
                        hop.request,
                        answer.target(),
                        answer.status(),
                        answer.header("Location"),
                        hop.redirects);
              } catch (RegistryException refused) {
                answer.abandon();
                return Future.failedFuture(refused);
              }
              if (next.isPresent()) {
                return redirect(hop, answer, next.get(), handler);
              }
              return bodies().error(answer).compose(body -> refused(hop, answer, body, handler));
            });
  }

  private <T> Future<T> refused(
      Hop hop, Answer answer, byte[] body, Function<Answer, Future<T>> handler) {
    boolean challenged = answer.status() == 401;
    if (challenged && hop.isOwn() && hop.mayRenew) {
      return renew(hop, answer, body, handler);
    }
    if (challenged && !hop.isOwn() && hop.anonymous.isEmpty()) {
      return introduce(hop, answer, body, handler);
    }
    return startAgain(hop, answer, body, handler);
  }

  private <T> Future<T> startAgain(
      Hop hop, Answer answer, byte[] body, Function<Answer, Future<T>> handler) {
    return !hop.isOwn() && hop.mayStartAgain && REFUSES_AN_ADDRESS.contains(answer.status())
        ? follow(hop.again(), handler)
        : Future.failedFuture(exchange.refused(hop.request, answer, body));
  }

  /** A gateway may lead to another registry, which wants an anonymous token of its own. */
  private <T> Future<T> introduce(
      Hop hop, Answer answer, byte[] body, Function<Answer, Future<T>> handler) {
    return authorizer
        .anonymous(hop.target.origin(), answer.headers().getAll("WWW-Authenticate"))
        .recover(cause -> Future.failedFuture(TransportFailures.unauthorized(hop.request, cause)))
        .compose(
            token ->
                token.isEmpty()
                    ? startAgain(hop, answer, body, handler)
                    : follow(hop.with(token), handler));
  }

  private <T> Future<T> redirect(
      Hop hop, Answer answer, Target to, Function<Answer, Future<T>> handler) {
    // Read to its end, so that the next blob finds the connection open.
    return bodies().discard(answer).compose(read -> follow(hop.redirected(to), handler));
  }

  private <T> Future<T> renew(
      Hop hop, Answer answer, byte[] body, Function<Answer, Future<T>> handler) {
    RegistryRequest request = hop.request;
    return authorizer
        .renew(
            request.target().origin(),
            request.account(),
            request.scope(),
            answer.headers().getAll("WWW-Authenticate"),
            hop.authorization)
        .recover(cause -> Future.failedFuture(TransportFailures.unauthorized(request, cause)))
        .compose(
            renewed ->
                renewed.isEmpty()
                    ? Future.failedFuture(exchange.refused(request, answer, body))
                    : follow(hop.renewed(renewed), handler));
  }
}
