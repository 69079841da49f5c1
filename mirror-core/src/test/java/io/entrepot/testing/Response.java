package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An answer and how it is put on the wire.
 *
 * @param chunked framed in chunks rather than by {@code Content-Length}
 * @param interruption what happens in the middle of the body, or null
 */
record Response(
    int status,
    Map<String, List<String>> headers,
    Body body,
    boolean chunked,
    @Nullable Interruption interruption) {

  /**
   * @param after bytes of the body that go out before it
   * @param gate waited at, and then the answer goes on; null to break the connection
   * @param reset with RST rather than FIN
   */
  record Interruption(long after, @Nullable Gate gate, boolean reset) {}

  static Response of(int status) {
    return new Response(status, Map.of(), Body.NONE, false, null);
  }

  static Response of(int status, String contentType, byte[] body) {
    return of(status, contentType, Body.of(body));
  }

  static Response of(int status, String contentType, Body body) {
    return new Response(status, Map.of(), body, false, null).header("Content-Type", contentType);
  }

  /** An error in the words of the distribution specification. */
  static Response error(int status, String code, String message) {
    String json =
        "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}"
            .formatted(code, message.replace("\\", "\\\\").replace("\"", "\\\""));
    return of(status, "application/json", json.getBytes(UTF_8));
  }

  /** With {@code name} as its only value of that name. */
  Response header(String name, String value) {
    return headers(name, List.of(value));
  }

  Response without(String name) {
    return headers(name, List.of());
  }

  Response body(Body other) {
    return new Response(status, headers, other, chunked, interruption);
  }

  Response inChunks() {
    return new Response(status, headers, body, true, interruption);
  }

  Response interrupted(Interruption by) {
    return new Response(status, headers, body, chunked, by);
  }

  private Response headers(String name, List<String> values) {
    Map<String, List<String>> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(headers);
    copy.put(name, values);
    return new Response(status, copy, body, chunked, interruption);
  }
}
