package io.entrepot.proxy.handler;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
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
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);
  static final String REQUEST_ID = "X-Request-Id";

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
    if (format == Format.COMMON) {
      lines.accept(
          "%s - %s [%s] \"%s %s %s\" %d %s"
              .formatted(
                  remote,
                  printable(exchange.userName()),
                  COMMON_TIME.format(ZonedDateTime.now(clock)),
                  request.method(),
                  path,
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

  // Queries are left out: signed addresses and tokens travel there.
  private static String printable(@Nullable String text) {
    return text == null || text.isEmpty() ? "-" : text.replaceAll("[^\\x21-\\x7e]|\"", "?");
  }
}
