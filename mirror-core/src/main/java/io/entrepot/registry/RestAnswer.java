package io.entrepot.registry;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a {@link RestRequest} was answered, whatever its status. */
public final class RestAnswer {

  private final int status;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final byte[] body;

  RestAnswer(int status, Iterable<Map.Entry<String, String>> headers, byte[] body) {
    this.status = status;
    headers.forEach(each -> this.headers.putIfAbsent(each.getKey(), each.getValue()));
    this.body = body.clone();
  }

  /** The status. */
  public int status() {
    return status;
  }

  /** The first header of a name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** All headers, the first of each name. */
  public Map<String, String> headers() {
    return Collections.unmodifiableMap(headers);
  }

  /** The body as text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
