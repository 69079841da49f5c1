package io.entrepot.proxy.handler;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Range} header of one range of bytes (RFC 9110, section 14). Everything else is ignored,
 * as the RFC allows.
 *
 * @param from first byte, or -1 for a suffix
 * @param to last byte or -1 for the end; of a suffix its length
 */
record RangeHeader(long from, long to) {

  private static final Pattern GRAMMAR =
      Pattern.compile("bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))");

  static @Nullable RangeHeader parse(@Nullable String header) {
    Matcher matcher = GRAMMAR.matcher(header == null ? "" : header.strip());
    if (!matcher.matches()) {
      return null;
    }
    if (matcher.group(3) != null) {
      return new RangeHeader(-1, Long.parseLong(matcher.group(3)));
    }
    long from = Long.parseLong(matcher.group(1));
    long to = matcher.group(2) == null ? -1 : Long.parseLong(matcher.group(2));
    return new RangeHeader(from, to);
  }

  /** First byte of the range in content of that size. */
  long first(long size) {
    return from >= 0 ? from : Math.max(0, size - to);
  }

  /** The position after its last byte. */
  long end(long size) {
    return from < 0 || to < 0 ? size : Math.min(size, to + 1);
  }

  /** Whether it holds any byte; one whose end lies before its beginning does not. */
  boolean satisfiable(long size) {
    return from < 0 ? to > 0 && size > 0 : from < size && (to < 0 || to >= from);
  }
}
