package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.Fill;
import io.entrepot.proxy.page.Overview;
import io.entrepot.proxy.page.UpstreamState;
import io.jstach.jstache.JStache;
import java.util.List;
import java.util.Objects;

/** The first page. */
@JStache(path = "io/entrepot/proxy/page/html/overview.mustache")
public record OverviewPage(
    Frame frame, Overview overview, List<UpstreamState> all, List<Fill> fills, Chart chart) {

  String hitRate() {
    return Words.percent(overview.hitRate());
  }

  String hits() {
    return Words.count(overview.hits(), "hit")
        + ", "
        + Words.count(overview.misses(), "fetch").replace("fetchs", "fetches");
  }

  String pullsSaved() {
    return Words.number(overview.pullsSaved());
  }

  String bytesSaved() {
    return Words.bytes(overview.bytesSaved());
  }

  String bytesSent() {
    return Words.bytes(overview.bytesSent());
  }

  String joined() {
    return Words.number(overview.joined());
  }

  StoreBar store() {
    return StoreBar.of(overview.store());
  }

  Moment since() {
    return Objects.requireNonNull(frame.moment(overview.since()), "since");
  }

  List<UpstreamRow> upstreams() {
    return UpstreamRow.all(frame, all);
  }

  List<FillRow> running() {
    return FillRow.all(frame, fills.stream().limit(5).toList());
  }

  boolean quiet() {
    return overview.hits() + overview.misses() == 0;
  }

  String address() {
    return frame.address();
  }
}
