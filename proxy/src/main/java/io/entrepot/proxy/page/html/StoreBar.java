package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.Overview.StoreState;

/**
 * How full the store is.
 *
 * @param percent of its size, 0 to 100
 * @param words for the worst that is to be said
 */
record StoreBar(
    String bytes, String maxBytes, int percent, String contents, boolean healthy, String words) {

  static StoreBar of(StoreState store) {
    int percent =
        store.maxBytes() <= 0
            ? 0
            : Math.clamp(Math.round(100.0 * store.bytes() / store.maxBytes()), 0, 100);
    return new StoreBar(
        Words.bytes(store.bytes()),
        Words.bytes(store.maxBytes()),
        percent,
        Words.count(store.contents(), "blob and manifest")
            .replace("blob and manifests", "blobs and manifests"),
        store.healthy(),
        store.healthy() ? "healthy" : "trouble: " + store.trouble());
  }
}
