package io.entrepot.proxy.page.html;

import io.jstach.jstache.JStache;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Scheduled mirrors with their last run.
 *
 * @param mirrors by name
 */
@JStache(path = "io/entrepot/proxy/page/html/mirrors.mustache")
public record MirrorsPage(Frame frame, List<Mirror> mirrors) {

  /**
   * A mirror.
   *
   * @param run the last one, or null
   */
  public record Mirror(String name, @Nullable ObjectNode run) {}

  /** A mirror in the list. */
  record Row(String name, String href, @Nullable RunRow run) {}

  List<Row> rows() {
    return mirrors.stream()
        .map(
            mirror -> {
              ObjectNode run = mirror.run();
              return new Row(
                  mirror.name(),
                  Links.mirror(frame, mirror.name()),
                  run == null ? null : RunRow.of(frame, run));
            })
        .toList();
  }
}
