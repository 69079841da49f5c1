package io.entrepot.proxy.handler;

import io.entrepot.proxy.page.Sources;
import io.vertx.core.Vertx;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What the page needs.
 *
 * @param guard knows every name of this server and no other
 * @param publicUrl how people reach it, or null
 */
public record PageSettings(
    Sources sources, BrowserGuard guard, @Nullable URI publicUrl, Vertx vertx) {

  /** Where a proxy in front puts the page: empty, or {@code /PATH} without a slash at its end. */
  String base() {
    String path = publicUrl == null ? "" : publicUrl.getRawPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
