package io.entrepot.testing;

import io.vertx.core.http.HttpVersion;
import java.util.List;

/** How a registry is spoken to. */
public enum Wire {
  /** Plain HTTP/1.1. */
  PLAIN(false, false, false),
  /** TLS that offers HTTP/2 and HTTP/1.1. */
  TLS_HTTP2(true, true, true),
  /** TLS that offers HTTP/1.1, as nginx without its http2 module does. */
  TLS_HTTP1(true, true, false),
  /** TLS that has never heard of ALPN. */
  TLS_WITHOUT_ALPN(true, false, false);

  private final boolean encrypted;
  private final boolean alpn;
  private final boolean http2;

  Wire(boolean encrypted, boolean alpn, boolean http2) {
    this.encrypted = encrypted;
    this.alpn = alpn;
    this.http2 = http2;
  }

  /** Whether there is TLS. */
  public boolean isEncrypted() {
    return encrypted;
  }

  boolean alpn() {
    return alpn;
  }

  List<HttpVersion> versions() {
    return http2
        ? List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)
        : List.of(HttpVersion.HTTP_1_1);
  }
}
