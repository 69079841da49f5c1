package io.entrepot.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PfxOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * TLS in front of a server on loopback: passes requests on and writes its own address where the
 * server names one of those that stand behind fronts.
 */
final class TlsFront implements AutoCloseable {

  private final HttpClient client;
  private final HttpServer server;
  private final int port;
  private final Map<String, String> addresses = new LinkedHashMap<>();

  TlsFront(Vertx vertx, Wire wire, TestKeys keys, int behind) {
    client = vertx.createHttpClient();
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(wire.alpn())
                    .setAlpnVersions(wire.versions())
                    .setKeyCertOptions(
                        new PfxOptions()
                            .setPath(keys.store().toString())
                            .setPassword(TestKeys.PASSWORD)))
            .requestHandler(request -> pass(request, behind))
            .listen(0, "127.0.0.1")
            .await();
    port = server.actualPort();
  }

  String origin() {
    return "https://127.0.0.1:" + port;
  }

  /** What is called {@code from} behind is called {@code to} in front. */
  void rename(String from, String to) {
    addresses.put(from, to);
  }

  private void pass(HttpServerRequest request, int behind) {
    request.pause();
    client
        .request(
            new RequestOptions()
                .setMethod(request.method())
                .setHost("127.0.0.1")
                .setPort(behind)
                .setURI(request.uri()))
        .compose(
            forwarded -> {
              request
                  .headers()
                  .forEach(
                      (name, value) -> {
                        if (!name.startsWith(":") && !name.equalsIgnoreCase("host")) {
                          forwarded.putHeader(name, value);
                        }
                      });
              return forwarded.send(request);
            })
        .compose(
            answer -> {
              request.response().setStatusCode(answer.statusCode());
              answer
                  .headers()
                  .forEach(
                      (name, value) -> {
                        if (!name.equalsIgnoreCase("connection")
                            && !name.equalsIgnoreCase("transfer-encoding")) {
                          request.response().headers().add(name, renamed(value));
                        }
                      });
              if (answer.getHeader("Content-Length") == null) {
                request.response().setChunked(true);
              }
              return request.response().send(answer);
            })
        .onFailure(cause -> request.connection().close());
  }

  private String renamed(String value) {
    String text = value;
    for (Map.Entry<String, String> address : addresses.entrySet()) {
      text = text.replace(address.getKey(), address.getValue());
    }
    return text;
  }

  @Override
  public void close() {
    server.close().await();
    client.close().await();
  }
}
