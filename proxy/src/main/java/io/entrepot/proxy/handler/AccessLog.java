package io.entrepot.proxy.handler;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One line for each request, in the common log format or as JSON. */
public final class AccessLog {

  /** How a line looks. */
  public enum Format {
    /** No lines. */
    NONE,
    /** The common log format (NCSA). */
    COMMON,
    /** One JSON object. */
    JSON
  }

  private static final DateTimeFormatter COMMON_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);
  static final String REQUEST_ID = "X-Request-Id";

  private static final String MASK = "***";
  private static final int LONGEST_VALUE = 128;

  /** Parts of names of query parameters whose values are for one reader only. */
  private static final Pattern SECRET =
      Pattern.compile(
          "secret|token|sig|pass|pwd|key|auth|cred|code|cookie|session|state|jwt|bearer",
          Pattern.CASE_INSENSITIVE);

  private final Format format;
  private final Consumer<String> lines;
  private final Clock clock;

  /**
   * @param lines takes each line; must not block
   */
  public AccessLog(Format format, Consumer<String> lines, Clock clock) {
    this.format = format;
    this.lines = lines;
    this.clock = clock;
  }

  void begin(Exchange exchange) {
    String given = exchange.header(REQUEST_ID);
    exchange.requestId(
        given != null && given.matches("[A-Za-z0-9._-]{1,64}")
            ? given
            : UUID.randomUUID().toString());
  }

  void end(Exchange exchange, int status, long bytes) {
    HttpServerRequest request = exchange.request();
    String remote =
        request.remoteAddress() == null ? "-" : String.valueOf(request.remoteAddress().host());
    String path = printable(request.path());
    String query = query(request.query());
    if (format == Format.COMMON) {
      lines.accept(
          "%s - %s [%s] \"%s %s %s\" %d %s"
              .formatted(
                  remote,
                  user(exchange.userName()),
                  COMMON_TIME.format(ZonedDateTime.now(clock)),
                  request.method(),
                  query.isEmpty() ? path : path + "?" + query,
                  version(request.version()),
                  status,
                  bytes == 0 ? "-" : Long.toString(bytes)));
      return;
    }
    ObjectNode line = JsonMapper.shared().createObjectNode();
    line.put("time", clock.instant().toString())
        .put("id", exchange.requestId())
        .put("remote", remote)
        .put("user", exchange.userName())
        .put("method", request.method().name())
        .put("path", path)
        .put("query", query)
        .put("status", status)
        .put("bytes", bytes)
        .put("agent", printable(request.getHeader(HttpHeaders.USER_AGENT)));
    lines.accept(line.toString());
  }

  private static String version(HttpVersion version) {
    return switch (version) {
      case HTTP_1_0 -> "HTTP/1.0";
      case HTTP_1_1 -> "HTTP/1.1";
      case HTTP_2 -> "HTTP/2.0";
      default -> "HTTP/3.0";
    };
  }

  /** Who cannot be told from the rest of the line is nobody there. */
  private static String user(@Nullable String name) {
    return name != null && name.matches("[\\x21\\x23-\\x7e]+") ? name : "-";
  }

  /** A query as it was sent, with what looks like a secret masked. */
  private static String query(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return "";
    }
    StringJoiner kept = new StringJoiner("&");
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      // A name may be encoded: %73ecret.
      boolean open =
          part.length() <= name.length() + LONGEST_VALUE
              && name.length() <= LONGEST_VALUE
              && !SECRET.matcher(QueryStringDecoder.decodeComponent(tidy(name))).find();
      kept.add(
          equals < 0
              ? (open ? part : MASK)
              : (name.length() <= LONGEST_VALUE ? name : MASK)
                  + "="
                  + (open ? part.substring(equals + 1) : MASK));
    }
    return kept.toString().replaceAll("[^\\x21-\\x7e]|\"", "?");
  }

  /** Without escapes that are none. */
  private static String tidy(String name) {
    return name.replaceAll("%(?![0-9A-Fa-f]{2})", "");
  }

  private static String printable(@Nullable String text) {
    return text == null || text.isEmpty() ? "-" : text.replaceAll("[^\\x21-\\x7e]|\"", "?");
  }
}
