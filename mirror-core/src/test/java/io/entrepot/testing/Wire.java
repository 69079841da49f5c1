package io.entrepot.testing;

import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a registry is spoken to. */
public enum Wire {
  /** Plain HTTP/1.1. */
  PLAIN(null, false),
  /** TLS that offers HTTP/2 and HTTP/1.1. */
  TLS_HTTP2(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1), true),
  /** TLS that offers HTTP/1.1, as nginx without its http2 module does. */
  TLS_HTTP1(List.of(HttpVersion.HTTP_1_1), true),
  /** TLS that has never heard of ALPN. */
  TLS_WITHOUT_ALPN(List.of(HttpVersion.HTTP_1_1), false);

  private final @Nullable List<HttpVersion> versions;
  private final boolean alpn;

  Wire(@Nullable List<HttpVersion> versions, boolean alpn) {
    this.versions = versions;
    this.alpn = alpn;
  }

  /** Whether there is TLS. */
  public boolean isEncrypted() {
    return versions != null;
  }

  List<HttpVersion> versions() {
    return versions == null ? List.of(HttpVersion.HTTP_1_1) : versions;
  }

  boolean alpn() {
    return alpn;
  }
}
