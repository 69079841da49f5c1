package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.Overview;
import io.entrepot.proxy.page.Overview.StoreState;
import io.jstach.jstache.JStache;

/** Health of the store. */
@JStache(path = "io/entrepot/proxy/page/html/store.mustache")
public record StorePage(Frame frame, Overview overview) {

  StoreBar bar() {
    return StoreBar.of(overview.store());
  }

  private StoreState state() {
    return overview.store();
  }

  String pushed() {
    return Words.bytes(state().pushedBytes());
  }

  String evictions() {
    return Words.number(state().evictions());
  }

  String corruptions() {
    return Words.number(state().corruptions());
  }

  boolean corrupt() {
    return state().corruptions() > 0;
  }

  String quarantined() {
    return Words.bytes(state().quarantinedBytes());
  }

  String fetched() {
    return Words.bytes(overview.bytesFetched());
  }
}
