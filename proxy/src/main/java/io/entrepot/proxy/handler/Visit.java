package io.entrepot.proxy.handler;

import io.entrepot.proxy.page.Page;
import io.entrepot.proxy.page.PageRequest;
import io.entrepot.registry.ErrorCode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A request for the page or its API, by somebody who was let in.
 *
 * @param base where a proxy in front puts the page: empty, or {@code /PATH}
 */
record Visit(Exchange exchange, Access access, String base) {

  /** Whether the visitor may read a repository. */
  boolean mayRead(String repository) {
    return access.mayRead(exchange.user(), repository);
  }

  /** Throws where the visitor may not read a repository, whether there is one or not. */
  void requireReadable(String repository) {
    if (!mayRead(repository)) {
      throw exchange.user() == null
          ? Identification.challenge()
          : new ApiException(ErrorCode.DENIED, "not allowed in " + Warnings.printable(repository));
    }
  }

  /** Which part of a list is wanted. */
  PageRequest part() {
    try {
      return PageRequest.parse(exchange.query("n"), exchange.query("last"));
    } catch (IllegalArgumentException e) {
      throw new ApiException(ErrorCode.PAGINATION_NUMBER_INVALID, String.valueOf(e.getMessage()));
    }
  }

  /** The header that leads to the next part, where there is one. */
  List<Header> link(Page<?> page, PageRequest part) {
    String next = page.next();
    return next == null
        ? List.of()
        : List.of(
            new Header(
                "Link",
                "<%s%s?n=%d&last=%s>; rel=\"next\""
                    .formatted(
                        base,
                        path(),
                        part.size(),
                        URLEncoder.encode(next, StandardCharsets.UTF_8))));
  }

  /** The path that was asked for, below the base, as it was sent. */
  String path() {
    String path = Objects.requireNonNullElse(exchange.request().path(), "/");
    boolean below = !base.isEmpty() && (path.equals(base) || path.startsWith(base + "/"));
    String inside = below ? path.substring(base.length()) : path;
    return inside.isEmpty() ? "/" : inside;
  }

  /**
   * What follows a prefix of the path, with {@code %2F} and the like read.
   *
   * @throws ApiException for what is no encoded text
   */
  String rest(String prefix) {
    return decoded(path().substring(prefix.length()));
  }

  static String decoded(String text) {
    try {
      // A plus sign is itself in a path.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(ErrorCode.NAME_INVALID, "not an encoded address");
    }
  }
}
