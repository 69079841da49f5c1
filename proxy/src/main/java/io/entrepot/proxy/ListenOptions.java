package io.entrepot.proxy;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How connections are taken. */
final class ListenOptions {

  private ListenOptions() {}

  /**
   * Options with every limit set.
   *
   * @param certificate null for plain HTTP
   */
  static HttpServerOptions of(
      ProxySettings.Listening listening,
      ConnectionLimits limits,
      @Nullable KeyCertOptions certificate) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(listening.host())
            .setPort(listening.port())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setAcceptBacklog(4096)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setHandle100ContinueAutomatically(true)
            .setMaxInitialLineLength(8192)
            .setMaxHeaderSize(16384)
            // As many as layers are pulled at a time; each may hold memory.
            .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(32))
            // No client speaks HTTP/2 without TLS, and Vert.x would wait for whole heads before it
            // tells of a connection.
            .setHttp2ClearTextEnabled(false)
            .setIdleTimeout((int) limits.idle().toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setStrictThreadMode(false);
    if (certificate != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          // HTTP/1.0 as well, which nginx speaks to what is behind it unless told otherwise.
          .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0))
          .setKeyCertOptions(certificate);
      // Java's own needs three times the processor time for what a blob is encrypted with.
      if (OpenSSLEngineOptions.isAvailable()) {
        options.setSslEngineOptions(new OpenSSLEngineOptions());
      }
    }
    return options;
  }
}
