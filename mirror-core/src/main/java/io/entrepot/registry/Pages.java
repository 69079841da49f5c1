package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lists that come in pages, which {@code Link} headers join (RFC 8288). An entry that is odd is
 * left out with a warning.
 *
 * @param <T> an entry
 */
final class Pages<T> {

  /** Entries of a list, in all of its pages. */
  static final int MAX_ENTRIES = 200_000;

  private static final Logger LOG = System.getLogger(Pages.class.getName());
  private static final int MAX_PAGE_BYTES = 16 * 1024 * 1024;

  /** About as much of the heap as the entries of a list may take. */
  private static final long MAX_HEAP = 40L << 20;

  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;[^,]*rel=\"?next\"?");

  /**
   * Reads a page.
   *
   * @param <T> an entry
   */
  @FunctionalInterface
  interface Reader<T> {
    /**
     * The entries of a page; may run on any thread.
     *
     * @param contentType as the registry said
     * @param leftOut is told of each entry that is left out
     * @throws MalformedException where a page is not what was asked for
     */
    List<T> read(@Nullable String contentType, byte[] body, Consumer<String> leftOut);
  }

  private final Transport transport;
  private final Reader<T> reader;
  private final ToLongFunction<T> weigher;
  private final AnswerRoom.Share share;
  private final List<T> entries = new ArrayList<>();
  private long heap;

  /**
   * @param weigher about how many bytes an entry takes
   */
  Pages(Transport transport, Reader<T> reader, ToLongFunction<T> weigher) {
    this.transport = transport;
    this.reader = reader;
    this.weigher = weigher;
    this.share = transport.bodies().share(MAX_PAGE_BYTES);
  }

  /** The entries of all pages, from the first on. */
  Future<List<T>> read(RegistryRequest first) {
    return page(first, 1).map(done -> List.copyOf(entries)).onComplete(done -> share.end());
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
                .parse(
                    request, answer, MAX_PAGE_BYTES, share, body -> entries(request, answer, body))
                .compose(
                    page -> {
                      if (entries.size() + page.size() > MAX_ENTRIES) {
                        return Future.failedFuture(
                            request.failure(
                                ErrorCode.CORRUPT, "more than %d entries".formatted(MAX_ENTRIES)));
                      }
                      heap += page.stream().mapToLong(weigher).sum();
                      if (heap > MAX_HEAP) {
                        return Future.failedFuture(
                            request.failure(
                                ErrorCode.SIZE_INVALID,
                                "a list that takes more than %d MiB of memory"
                                    .formatted(MAX_HEAP >> 20)));
                      }
                      entries.addAll(page);
                      return next(request, answer, number);
                    }));
  }

  private List<T> entries(RegistryRequest request, Answer answer, byte[] body) {
    List<String> leftOut = new ArrayList<>();
    List<T> page = reader.read(answer.header("Content-Type"), body, leftOut::add);
    if (!leftOut.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "{0}: {1} left out of the list: {2}",
          request.describe(),
          leftOut.size() == 1 ? "one entry is" : leftOut.size() + " entries are",
          leftOut.getFirst());
    }
    return page;
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
