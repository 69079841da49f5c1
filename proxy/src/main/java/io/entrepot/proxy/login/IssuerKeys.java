package io.entrepot.proxy.login;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.StrictJson;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The keys of one issuer, fetched when first needed. They are kept for an hour, and beyond while
 * the issuer is down; for a key that is not among them it is asked again, at most once in 30
 * seconds.
 */
final class IssuerKeys {

  private static final Logger LOG = System.getLogger(IssuerKeys.class.getName());

  private static final int MAX_DOCUMENT = 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /**
   * What is known.
   *
   * @param fetched when the issuer gave them
   */
  private record Known(KeySet keys, Instant fetched) {}

  /**
   * The last question.
   *
   * @param failed whether there was no answer
   */
  private record Question(Instant asked, boolean failed) {}

  private final Vertx vertx;
  private final String issuer;
  private final Supplier<HttpClient> client;
  private final Clock clock;
  private final SingleFlight<String, KeySet> fetches = new SingleFlight<>();
  private volatile @Nullable Known known;
  private volatile @Nullable Question last;

  /**
   * @param issuer its address, to the letter
   * @param client does not follow redirects
   */
  IssuerKeys(Vertx vertx, String issuer, Supplier<HttpClient> client, Clock clock) {
    this.vertx = vertx;
    this.issuer = issuer;
    this.client = client;
    this.clock = clock;
  }

  /**
   * Keys in which one may be found.
   *
   * @param kid the key that is looked for; null for any
   * @return fails with {@link LoginException} where nobody can say which keys there are
   */
  Future<KeySet> find(@Nullable String kid) {
    Known now = known;
    if (now != null && now.keys().has(kid) && isFresh(now)) {
      return Future.succeededFuture(now.keys());
    }
    Question asked = last;
    if (now != null && asked != null && asked.asked().plus(PAUSE).isAfter(clock.instant())) {
      return asked.failed() && !now.keys().has(kid)
          ? Future.failedFuture(unavailable())
          : Future.succeededFuture(now.keys());
    }
    return fetches
        .run("keys", this::fetch)
        .recover(
            cause -> {
              Known before = known;
              return before != null && before.keys().has(kid)
                  ? Future.succeededFuture(before.keys())
                  : Future.failedFuture(unavailable());
            });
  }

  private boolean isFresh(Known keys) {
    return keys.fetched().plus(KEPT).isAfter(clock.instant());
  }

  private LoginException unavailable() {
    return new LoginException(
        LoginException.Reason.UNAVAILABLE,
        "the keys of %s cannot be fetched, so its tokens cannot be judged".formatted(issuer));
  }

  private Future<KeySet> fetch() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String discovery = issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration";
    return document(discovery, "the discovery document", end)
        .compose(found -> document(keysAddress(found), "the set of keys", end))
        .map(KeySet::of)
        .onComplete(
            result -> {
              last = new Question(clock.instant(), result.failed());
              if (result.succeeded()) {
                known = new Known(result.result(), clock.instant());
              } else {
                LOG.log(
                    Level.WARNING,
                    "the keys of {0} cannot be fetched{1}: {2}",
                    issuer,
                    known == null ? "" : "; the former ones count",
                    String.valueOf(result.cause().getMessage()));
              }
            });
  }

  private String keysAddress(JsonNode discovery) {
    JsonNode named = discovery.path("issuer");
    if (!named.isString() || !named.stringValue().equals(issuer)) {
      throw new BrokenSignatureException("the discovery document is of another issuer: " + named);
    }
    JsonNode keys = discovery.path("jwks_uri");
    if (!keys.isString() || !OidcIssuer.isSafe(keys.stringValue())) {
      throw new BrokenSignatureException(
          "jwks_uri of the discovery document is no https address: " + keys);
    }
    return keys.stringValue();
  }

  private Future<JsonNode> document(String address, String what, long end) {
    long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
    Promise<Buffer> body = Promise.promise();
    long timer =
        vertx.setTimer(
            left, unused -> body.tryFail(new BrokenSignatureException(what + " took too long")));
    client
        .get()
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(address)
                .setFollowRedirects(false)
                .setConnectTimeout(left)
                .setIdleTimeout(left)
                .putHeader(HttpHeaders.ACCEPT, "application/json"))
        .compose(
            request -> {
              body.future().onFailure(cause -> request.reset());
              // Listened to before anything of the answer can come.
              return request.send().onSuccess(response -> read(response, what, body));
            })
        .onFailure(body::tryFail);
    return body.future()
        .onComplete(done -> vertx.cancelTimer(timer))
        .map(bytes -> StrictJson.object(bytes.getBytes(), what));
  }

  private static void read(HttpClientResponse response, String what, Promise<Buffer> body) {
    if (response.statusCode() != 200) {
      body.tryFail(
          new BrokenSignatureException(
              "%s: the issuer answered %d".formatted(what, response.statusCode())));
      return;
    }
    Buffer bytes = Buffer.buffer();
    response.exceptionHandler(body::tryFail);
    response.handler(
        part -> {
          if (bytes.length() + part.length() > MAX_DOCUMENT) {
            body.tryFail(new BrokenSignatureException(what + " is larger than 1 MiB"));
          } else {
            bytes.appendBuffer(part);
          }
        });
    response.endHandler(unused -> body.tryComplete(bytes));
  }
}
