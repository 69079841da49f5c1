package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.vertx.core.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists that come in pages, which {@code Link} headers join (RFC 8288). */
final class Pages {

  /** Entries of a list, in all of its pages. */
  static final int MAX_ENTRIES = 200_000;

  private static final int MAX_PAGE_BYTES = 16 * 1024 * 1024;
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;[^,]*rel=\"?next\"?");

  /** Takes what is in a page. */
  @FunctionalInterface
  interface Reader {
    /** Throws {@link MalformedException} where a page is not what was asked for. */
    void read(Answer answer, byte[] body);
  }

  private final Transport transport;
  private final Reader reader;

  Pages(Transport transport, Reader reader) {
    this.transport = transport;
    this.reader = reader;
  }

  /** Reads all pages, from the first on. */
  Future<Void> read(RegistryRequest first) {
    return page(first, 1);
  }

  private Future<Void> page(RegistryRequest request, int number) {
    if (number > transport.settings().maximumPages()) {
      return Future.failedFuture(request.failure(ErrorCode.CORRUPT, "a list of endless pages"));
    }
    return transport.send(
        request,
        answer ->
            transport
                .bodies()
                .read(request, answer, MAX_PAGE_BYTES)
                .compose(
                    body -> {
                      try {
                        reader.read(answer, body);
                      } catch (MalformedException e) {
                        return Future.failedFuture(
                            request.failure(ErrorCode.CORRUPT, String.valueOf(e.getMessage())));
                      }
                      return next(request, answer, number);
                    }));
  }

  private Future<Void> next(RegistryRequest request, Answer answer, int number) {
    String link = answer.header("Link");
    Matcher next = NEXT.matcher(link == null ? "" : link);
    if (!next.find()) {
      return Future.succeededFuture();
    }
    Target target;
    try {
      target = request.target().resolve(next.group(1));
    } catch (MalformedException e) {
      return Future.failedFuture(
          request.failure(ErrorCode.CORRUPT, "next page at " + e.getMessage()));
    }
    if (!target.origin().equals(request.target().origin())) {
      return Future.failedFuture(
          request.failure(
              ErrorCode.REFUSED, "the next page is at " + target.origin() + ", refused"));
    }
    if (target.equals(request.target())) {
      return Future.failedFuture(
          request.failure(ErrorCode.CORRUPT, "a page that names itself as the next"));
    }
    return page(request.at(target), number + 1);
  }
}
