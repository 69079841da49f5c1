package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request as data; {@link Requests} lists them all.
 *
 * @param upstream whose credentials and trust apply
 * @param authorized whether the credentials of the upstream may be sent to {@code target}
 * @param expected the statuses that are an answer; all others are errors
 * @param followRedirects whether a redirect is followed rather than an error
 * @param patience how long its answer is waited for
 */
record RegistryRequest(
    HttpMethod method,
    Kind kind,
    Upstream upstream,
    Target target,
    Scope scope,
    boolean authorized,
    MultiMap headers,
    @Nullable RequestBody body,
    Set<Integer> expected,
    boolean followRedirects,
    Patience patience) {

  /** How long an answer is waited for; see {@link ClientSettings.Timeouts}. */
  enum Patience {
    /** Another endpoint can be asked instead. */
    SHORT,
    USUAL,
    /** The registry first hashes what it was sent. */
    COMMIT
  }

  /** What is sent along. */
  sealed interface RequestBody {

    /** Bytes in memory. */
    record Bytes(Buffer buffer) implements RequestBody {}

    /** A stream of known length that can be opened again. */
    record Stream(BlobSource source, long offset, long length) implements RequestBody {}
  }

  /** The same at another address of the same origin. */
  RegistryRequest at(Target other) {
    Builder copy = new Builder(method, kind, upstream, other, scope);
    copy.authorized = authorized;
    copy.headers.addAll(headers);
    copy.body = body;
    copy.expected = expected;
    copy.alternative = patience == Patience.SHORT;
    return copy.build();
  }

  RegistryName registry() {
    return upstream.name();
  }

  /**
   * Under which name credentials are looked up: the registry's own endpoint uses the registry's, a
   * mirror of it uses those of its own host.
   */
  RegistryName account() {
    return target.origin().equals(upstream.owner().origin())
        ? upstream.name()
        : target.origin().registryName();
  }

  boolean isWrite() {
    return !isRead(method);
  }

  private static boolean isRead(HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  /** Method and address, secrets removed. */
  String describe() {
    return method + " " + target.redacted();
  }

  /** A failure of this request. */
  RegistryException failure(ErrorCode code, String problem) {
    return RegistryException.of(code, describe(), problem);
  }

  /** {@code GET manifest}: under what the request is counted. */
  String verbAndKind() {
    return method + " " + kind.word();
  }

  /** Sets what not every request has. */
  static final class Builder {

    private final HttpMethod method;
    private final Kind kind;
    private final Upstream upstream;
    private final Target target;
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    private Scope scope;
    private boolean authorized = true;
    private @Nullable RequestBody body;
    private Set<Integer> expected = Set.of(200);
    private boolean alternative;

    Builder(HttpMethod method, Kind kind, Upstream upstream, Target target, Scope scope) {
      this.method = method;
      this.kind = kind;
      this.upstream = upstream;
      this.target = target;
      this.scope = scope;
    }

    Builder expect(Set<Integer> statuses) {
      expected = statuses;
      return this;
    }

    Builder header(String name, String value) {
      headers.set(name, value);
      return this;
    }

    Builder body(RequestBody content) {
      body = content;
      return this;
    }

    Builder body(Buffer content) {
      return body(new RequestBody.Bytes(content));
    }

    /** Other rights than the request needs by itself. */
    Builder scope(Scope wider) {
      scope = wider;
      return this;
    }

    /** No credential of ours goes along. */
    Builder anonymous() {
      authorized = false;
      return this;
    }

    /** Whether another endpoint can be asked when this one is silent. */
    Builder alternative(boolean exists) {
      alternative = exists;
      return this;
    }

    private Patience patience() {
      if (method.equals(HttpMethod.PUT) || method.equals(HttpMethod.PATCH)) {
        return Patience.COMMIT;
      }
      return alternative ? Patience.SHORT : Patience.USUAL;
    }

    RegistryRequest build() {
      return new RegistryRequest(
          method,
          kind,
          upstream,
          target,
          scope,
          authorized,
          headers,
          body,
          expected,
          isRead(method) && kind.redirected(),
          patience());
    }
  }
}
