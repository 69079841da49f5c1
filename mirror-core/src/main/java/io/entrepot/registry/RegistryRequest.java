package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request as data.
 *
 * @param kind what it is about, for counting: manifest, blob, upload, tags, referrers, token
 * @param upstream whose credentials and trust apply
 * @param authorized whether the credentials of the upstream may be sent to {@code target}
 * @param expected the statuses that are an answer; all others are errors
 * @param commit whether the registry may take long to answer
 */
record RegistryRequest(
    HttpMethod method,
    String kind,
    Upstream upstream,
    Target target,
    Scope scope,
    boolean authorized,
    MultiMap headers,
    @Nullable RequestBody body,
    Set<Integer> expected,
    boolean followRedirects,
    boolean commit) {

  /** What is sent along. */
  sealed interface RequestBody {

    /** Bytes in memory. */
    record Bytes(Buffer buffer) implements RequestBody {}

    /** A stream of known length that can be opened again. */
    record Stream(BlobSource source, long offset, long length) implements RequestBody {}
  }

  static RegistryRequest of(
      HttpMethod method,
      String kind,
      Upstream upstream,
      Target target,
      Scope scope,
      int... expected) {
    return new RegistryRequest(
        method,
        kind,
        upstream,
        target,
        scope,
        true,
        MultiMap.caseInsensitiveMultiMap(),
        null,
        Arrays.stream(expected).boxed().collect(Collectors.toSet()),
        method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD),
        false);
  }

  RegistryRequest header(String name, String value) {
    return with(
        copy -> copy.headers = MultiMap.caseInsensitiveMultiMap().addAll(headers).set(name, value));
  }

  /** The same at another address of the same origin. */
  RegistryRequest at(Target other) {
    return with(copy -> copy.target = other);
  }

  RegistryRequest body(RequestBody content) {
    return with(copy -> copy.body = content);
  }

  RegistryRequest withoutRedirects() {
    return with(copy -> copy.followRedirects = false);
  }

  RegistryRequest slowAnswer() {
    return with(copy -> copy.commit = true);
  }

  RegistryRequest anonymous() {
    return with(copy -> copy.authorized = false);
  }

  private RegistryRequest with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return new RegistryRequest(
        method,
        kind,
        upstream,
        copy.target,
        scope,
        copy.authorized,
        copy.headers,
        copy.body,
        expected,
        copy.followRedirects,
        copy.commit);
  }

  /** What may differ from the request that is copied. */
  private static final class Copy {
    private Target target;
    private boolean authorized;
    private MultiMap headers;
    private @Nullable RequestBody body;
    private boolean followRedirects;
    private boolean commit;

    Copy(RegistryRequest original) {
      target = original.target;
      authorized = original.authorized;
      headers = original.headers;
      body = original.body;
      followRedirects = original.followRedirects;
      commit = original.commit;
    }
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
    return !method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD);
  }

  /** What a 404 means here, when the registry does not say. */
  ErrorCode absence() {
    return switch (kind) {
      case "manifest", "referrers" -> ErrorCode.MANIFEST_UNKNOWN;
      case "blob" -> ErrorCode.BLOB_UNKNOWN;
      case "upload" -> ErrorCode.BLOB_UPLOAD_UNKNOWN;
      case "tags" -> ErrorCode.NAME_UNKNOWN;
      default -> ErrorCode.UNKNOWN;
    };
  }

  /** Method and address, secrets removed. */
  String describe() {
    return method + " " + target.redacted();
  }

  /** A failure of this request. */
  RegistryException failure(ErrorCode code, String problem) {
    return RegistryException.of(code, describe(), problem);
  }

  String verbAndKind() {
    return method + " " + kind;
  }
}
