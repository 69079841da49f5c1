package io.entrepot.proxy.page.html;

import io.jstach.jstache.JStache;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs of a mirror.
 *
 * @param all the newest first
 * @param nextRun after which the next part begins, or null
 */
@JStache(path = "io/entrepot/proxy/page/html/runs.mustache")
public record RunsPage(
    Frame frame, String name, List<ObjectNode> all, @Nullable String nextRun, int size) {

  List<RunRow> runs() {
    return all.stream().map(run -> RunRow.of(frame, run)).toList();
  }

  @Nullable String next() {
    return nextRun == null
        ? null
        : Links.next(Links.mirror(frame, name), "n=" + size + "&", nextRun);
  }
}
