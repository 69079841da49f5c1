package io.entrepot.proxy.handler;

import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What of a content a request gets, decided from its method and its conditions alone (RFC 9110,
 * sections 13 and 14).
 *
 * @param from the first byte's position
 * @param end the position after the last byte
 * @param hasBody whether bytes follow the head
 */
record Selection(Outcome outcome, long from, long end, boolean hasBody) {

  /** More validators than a client can mean. */
  private static final int MAX_VALIDATORS = 100;

  private static final CharSequence RANGE = HttpHeaders.createOptimized("range");
  private static final CharSequence IF_RANGE = HttpHeaders.createOptimized("if-range");

  /** How a request's conditions turn out. */
  enum Outcome {
    /** 200: all of it. */
    WHOLE,
    /** 206: one range. */
    PART,
    /** 304: the client has it. */
    NOT_MODIFIED,
    /** 416: no byte of it is in the range. */
    UNSATISFIABLE
  }

  static Selection of(Exchange exchange, Content content) {
    long size = content.size();
    String known = exchange.header(HttpHeaders.IF_NONE_MATCH);
    if (known != null && names(known, content.etag())) {
      return new Selection(Outcome.NOT_MODIFIED, 0, size, false);
    }
    RangeHeader range = content.isBlob() ? range(exchange, content) : null;
    if (range == null) {
      return new Selection(Outcome.WHOLE, 0, size, size > 0 && !exchange.isHead());
    }
    return range.satisfiable(size)
        ? new Selection(Outcome.PART, range.first(size), range.end(size), true)
        : new Selection(Outcome.UNSATISFIABLE, 0, 0, false);
  }

  /** Whether a list of validators names this one; weakly compared (RFC 9110, section 13.1.2). */
  private static boolean names(String list, String etag) {
    if (list.equals(etag) || list.strip().equals("*")) {
      return true;
    }
    for (String each : list.split(",", MAX_VALIDATORS)) {
      String stripped = each.strip();
      if (etag.equals(stripped.startsWith("W/") ? stripped.substring(2) : stripped)) {
        return true;
      }
    }
    return false;
  }

  /** Ranges are defined for GET alone (RFC 9110, section 14.2). */
  private static @Nullable RangeHeader range(Exchange exchange, Content content) {
    if (exchange.isHead()) {
      return null;
    }
    String range = exchange.header(RANGE);
    if (range == null) {
      return null;
    }
    String condition = exchange.header(IF_RANGE);
    return condition == null || condition.equals(content.etag()) ? RangeHeader.parse(range) : null;
  }
}
