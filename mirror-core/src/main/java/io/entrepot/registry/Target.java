package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.registry.auth.Origin;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Where a request goes: an origin and the raw path with query.
 *
 * <p>Path and query are kept as they were written, byte for byte: a signature in a query does not
 * survive decoding and encoding again.
 */
record Target(Origin origin, String pathAndQuery) {

  Target {
    if (!pathAndQuery.startsWith("/")) {
      throw new MalformedException("not an absolute path");
    }
    for (int i = 0; i < pathAndQuery.length(); i++) {
      char c = pathAndQuery.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new MalformedException("an address with a character that must be escaped");
      }
    }
  }

  /**
   * Follows a {@code Location} or {@code Link} from here (RFC 3986, section 5.2). Escapes stay as
   * they are, so that an escaped dot is no dot segment.
   *
   * @throws MalformedException for schemes other than http and https, and for user information
   */
  Target resolve(String location) {
    int fragment = location.indexOf('#');
    String text = fragment < 0 ? location : location.substring(0, fragment);
    if (text.startsWith("//")) {
      return absolute(origin.scheme() + ":" + text);
    }
    if (text.isEmpty()) {
      return this;
    }
    if (text.startsWith("/")) {
      return new Target(origin, withoutDotSegments(text));
    }
    int colon = text.indexOf(':');
    int delimiter = firstDelimiter(text, 0);
    if (colon > 0 && colon < delimiter) {
      return absolute(text);
    }
    if (text.startsWith("?")) {
      return new Target(origin, path() + text);
    }
    String path = path();
    return new Target(
        origin, withoutDotSegments(path.substring(0, path.lastIndexOf('/') + 1) + text));
  }

  /** This target with one more query parameter, already escaped. */
  Target with(String parameter) {
    return new Target(
        origin, pathAndQuery + (pathAndQuery.indexOf('?') < 0 ? "?" : "&") + parameter);
  }

  /** The address without its query, which may hold a signature. */
  String redacted() {
    String query = pathAndQuery.indexOf('?') < 0 ? "" : "?…";
    return origin + path() + query;
  }

  private String path() {
    int query = pathAndQuery.indexOf('?');
    return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
  }

  private static Target absolute(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
      throw new MalformedException("an address that is neither http nor https");
    }
    int start = text.indexOf("//") + 2;
    int end = firstDelimiter(text, start);
    String authority = text.substring(start, end);
    if (authority.indexOf('@') >= 0) {
      throw new MalformedException("an address with a user name or password in it");
    }
    Origin origin;
    try {
      origin = Origin.of(URI.create(text.substring(0, end)));
    } catch (IllegalArgumentException e) {
      throw new MalformedException("an address without a proper host", e);
    }
    String rest = text.substring(end);
    return new Target(origin, withoutDotSegments(rest.startsWith("/") ? rest : "/" + rest));
  }

  /** RFC 3986, section 5.2.4, for an absolute path with or without a query. */
  private static String withoutDotSegments(String pathAndQuery) {
    int query = pathAndQuery.indexOf('?');
    String path = query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    if (!path.contains("/.")) {
      return pathAndQuery;
    }
    String[] segments = path.substring(1).split("/", -1);
    Deque<String> kept = new ArrayDeque<>();
    for (int i = 0; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      if (up) {
        kept.pollLast();
      }
      if (!up && !segments[i].equals(".")) {
        kept.addLast(segments[i]);
      } else if (i == segments.length - 1) {
        // What ends in a dot segment is a directory.
        kept.addLast("");
      }
    }
    return "/" + String.join("/", kept) + (query < 0 ? "" : pathAndQuery.substring(query));
  }

  private static int firstDelimiter(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/' || c == '?') {
        return i;
      }
    }
    return text.length();
  }
}
