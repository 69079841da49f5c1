package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.UpstreamState;
import io.jstach.jstache.JStache;
import java.util.List;

/** Registries that content comes from. */
@JStache(path = "io/entrepot/proxy/page/html/upstreams.mustache")
public record UpstreamsPage(Frame frame, List<UpstreamState> all) {

  List<UpstreamRow> upstreams() {
    return UpstreamRow.all(frame, all);
  }
}
