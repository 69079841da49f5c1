package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.ImageSummary;
import io.entrepot.proxy.page.Page;
import io.jstach.jstache.JStache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Repositories of the store.
 *
 * @param wanted a part of the names that are looked for, or null
 * @param size items of a part
 */
@JStache(path = "io/entrepot/proxy/page/html/images.mustache")
public record ImagesPage(Frame frame, Page<ImageSummary> page, @Nullable String wanted, int size) {

  /** A repository. */
  record Row(
      String name,
      String href,
      String from,
      String tags,
      String bytes,
      @Nullable Moment lastUsed) {}

  List<Row> images() {
    return page.items().stream()
        .map(
            image -> {
              String upstream = image.upstream();
              return new Row(
                  image.name(),
                  Links.image(frame, image.name()),
                  upstream == null ? "pushed here" : upstream,
                  Words.number(image.tags()),
                  Words.bytes(image.bytes()),
                  frame.moment(image.lastUsed()));
            })
        .toList();
  }

  String query() {
    return wanted == null ? "" : wanted;
  }

  @Nullable String next() {
    String next = page.next();
    return next == null
        ? null
        : Links.next(
            frame.base() + "/images",
            "n=" + size + "&" + (wanted == null ? "" : "q=" + Links.encoded(wanted) + "&"),
            next);
  }
}
