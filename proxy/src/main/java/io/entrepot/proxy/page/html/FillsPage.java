package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.Fill;
import io.jstach.jstache.JStache;
import java.util.List;

/** Blobs on their way. */
@JStache(path = "io/entrepot/proxy/page/html/fills.mustache")
public record FillsPage(Frame frame, List<Fill> all) {

  List<FillRow> fills() {
    return FillRow.all(frame, all);
  }
}
