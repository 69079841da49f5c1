package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.page.html.Frame;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files that pages refer to: of our own, and of WebJars. They are read once. */
final class Assets {

  private static final String PATH = "/assets/";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private record Asset(String type, Buffer plain, Buffer zipped, String etag) {}

  private final Map<String, Asset> assets =
      Map.of(
          "page.css", own("page.css", "text/css; charset=utf-8"),
          "page.js", own("page.js", SCRIPT),
          "events.js", own("events.js", SCRIPT),
          "icon.svg", own("icon.svg", "image/svg+xml"),
          "htmx.js", webJar("htmx.org/2.0.10/dist/htmx.min.js"),
          "sse.js", webJar("htmx-ext-sse/2.2.2/sse.js"));

  private static Asset own(String name, String type) {
    try (InputStream file = Frame.class.getResourceAsStream("assets/" + name)) {
      return asset(file, name, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param file with the version, which is the one that the parent pom names
   */
  private static Asset webJar(String file) {
    String path = "/META-INF/resources/webjars/" + file;
    try (InputStream content = Frame.class.getResourceAsStream(path)) {
      return asset(content, path, SCRIPT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Asset asset(@Nullable InputStream file, String name, String type)
      throws IOException {
    if (file == null) {
      throw new IOException("no file " + name);
    }
    byte[] bytes = file.readAllBytes();
    return new Asset(
        type,
        Buffer.buffer(bytes),
        Buffer.buffer(Compressed.gzip(bytes)),
        '"' + Digest.of(bytes).hex().substring(0, 16) + '"');
  }

  Future<Response> answer(Visit visit) {
    Asset asset = assets.get(visit.path().substring(PATH.length()));
    if (asset == null) {
      throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such file");
    }
    if (asset.etag().equals(visit.exchange().header(HttpHeaders.IF_NONE_MATCH))) {
      return Future.succeededFuture(
          new Response.Empty(304, List.of(new Header("ETag", asset.etag()))));
    }
    boolean zipped = Compressed.isWanted(visit.exchange());
    return Future.succeededFuture(
        new Response.Document(
            200,
            asset.type(),
            zipped ? asset.zipped() : asset.plain(),
            Compressed.headers(
                zipped,
                new Header("ETag", asset.etag()),
                new Header("Cache-Control", "no-cache"),
                PageHeaders.POLICY,
                PageHeaders.NO_SNIFFING)));
  }
}
