package io.entrepot.testing;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request as it came over the wire.
 *
 * @param path as sent, nothing decoded
 * @param query as sent, without the question mark; null where there was none
 * @param headers names in any case
 * @param port the local port that took it
 */
public record RecordedRequest(
    String method,
    String path,
    @Nullable String query,
    Map<String, List<String>> headers,
    int port) {

  private static final Pattern MANIFEST = Pattern.compile("/v2/.+/manifests/[^/]+");
  private static final Pattern UPLOAD = Pattern.compile("/v2/.+/blobs/uploads(/[^/]*)?");
  private static final Pattern BLOB = Pattern.compile("/v2/.+/blobs/[^/]+");
  private static final Pattern TAGS = Pattern.compile("/v2/.+/tags/list");
  private static final Pattern REFERRERS = Pattern.compile("/v2/.+/referrers/[^/]+");

  /** Copies the headers. */
  public RecordedRequest {
    Map<String, List<String>> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    headers = Collections.unmodifiableMap(copy);
  }

  /** Verb and kind: {@code GET manifest}, {@code PATCH upload}, {@code GET token}. */
  public String kind() {
    return method + " " + noun();
  }

  /** The first header of that name, or null. */
  public @Nullable String header(String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  /** The {@code Authorization} header, or null. */
  public @Nullable String authorization() {
    return header("Authorization");
  }

  /** The {@code Host} header, empty where there was none. */
  public String host() {
    String host = header("Host");
    return host == null ? "" : host;
  }

  /** Path and query as sent. */
  public String target() {
    return query == null ? path : path + "?" + query;
  }

  @Override
  public String toString() {
    return method + " " + target();
  }

  private String noun() {
    if (MANIFEST.matcher(path).matches()) {
      return "manifest";
    }
    if (UPLOAD.matcher(path).matches()) {
      return "upload";
    }
    if (BLOB.matcher(path).matches()) {
      return "blob";
    }
    if (TAGS.matcher(path).matches()) {
      return "tags";
    }
    if (REFERRERS.matcher(path).matches()) {
      return "referrers";
    }
    if (path.equals("/v2/") || path.equals("/v2")) {
      return "ping";
    }
    if (path.equals("/token")) {
      return "token";
    }
    return path.startsWith("/cdn/") ? "cdn" : "other";
  }
}
