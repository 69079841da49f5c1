package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Serves the signed images among the test resources as a read-only registry on loopback. */
public final class SignedImages implements AutoCloseable {

  private static final Pattern PATH =
      Pattern.compile(
          "/v2/trust/([a-z0-9._-]+)/(manifests|blobs|referrers|tags)/([A-Za-z0-9._:-]+)");
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path root =
      Path.of("../mirror-core/src/test/resources/trust").toAbsolutePath().normalize();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final List<String> requests = new ArrayList<>();
  private volatile boolean metered;

  /** Starts to serve on a free port. */
  public SignedImages() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** {@code 127.0.0.1:PORT}. */
  public String registry() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** A file beside the images, such as {@code keys/p256.pub}. */
  public Path file(String name) {
    return root.resolve(name);
  }

  /** Every case: an image, a policy, and the verdict. */
  public List<JsonNode> cases() throws IOException {
    try (var lines = Files.lines(root.resolve("cases.jsonl"))) {
      return lines.map(line -> JSON.readTree(line)).toList();
    }
  }

  /** Says from now on that a GET of a manifest counts as a pull, as Docker Hub does. */
  public void metered() {
    metered = true;
  }

  /** The paths that were asked for since the last call. */
  public synchronized List<String> requests() {
    List<String> made = List.copyOf(requests);
    requests.clear();
    return made;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private synchronized void record(HttpExchange exchange) {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
  }

  private void answer(HttpExchange exchange) throws IOException {
    record(exchange);
    if (metered) {
      exchange.getResponseHeaders().set("ratelimit-limit", "1000;w=21600");
      exchange.getResponseHeaders().set("ratelimit-remaining", "900;w=21600");
    }
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Matcher asked = PATH.matcher(path);
      if (path.equals("/v2/")) {
        send(exchange, 200, "application/json", "{}".getBytes(UTF_8), Map.of());
      } else if (!asked.matches()) {
        fail(exchange, 404);
      } else {
        JsonNode repository =
            JSON.readTree(root.resolve("repos/" + asked.group(1) + ".json").toFile());
        answer(exchange, repository, asked.group(2), asked.group(3));
      }
    }
  }

  private void answer(HttpExchange exchange, JsonNode repository, String kind, String reference)
      throws IOException {
    JsonNode failing = repository.path("fail").path(kind + "/" + reference);
    if (failing.isNumber()) {
      fail(exchange, failing.asInt());
    } else if (kind.equals("tags")) {
      ObjectNode list = JSON.createObjectNode();
      ArrayNode tags = list.putArray("tags");
      repository.path("tags").propertyNames().forEach(tags::add);
      send(exchange, 200, "application/json", JSON.writeValueAsBytes(list), Map.of());
    } else if (kind.equals("referrers")) {
      referrers(exchange, repository, reference);
    } else if (kind.equals("manifests")) {
      String digest = repository.path("tags").path(reference).asString(reference);
      byte[] bytes = repository.path("manifests").has(digest) ? content(repository, digest) : null;
      if (bytes == null) {
        fail(exchange, 404);
      } else {
        send(
            exchange,
            200,
            repository.path("manifests").path(digest).asString(),
            bytes,
            Map.of("Docker-Content-Digest", digest));
      }
    } else {
      String digest = repository.path("swap").path(reference).asString(reference);
      byte[] bytes = content(repository, digest);
      if (bytes == null) {
        fail(exchange, 404);
      } else {
        send(exchange, 200, "application/octet-stream", bytes, Map.of());
      }
    }
  }

  private void referrers(HttpExchange exchange, JsonNode repository, String subject)
      throws IOException {
    if (!repository.path("referrersApi").asBoolean()) {
      fail(exchange, 404);
      return;
    }
    List<ObjectNode> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : repository.path("manifests").properties()) {
      byte[] bytes = content(repository, each.getKey());
      ObjectNode row = bytes == null ? null : row(each, bytes, subject);
      if (row != null) {
        rows.add(row);
      }
    }
    Map<String, String> headers = Map.of();
    int page = repository.path("page").asInt(0);
    if (page > 0) {
      String query = exchange.getRequestURI().getQuery();
      int at = query == null ? 0 : Integer.parseInt(query.replaceAll(".*last=([0-9]+).*", "$1"));
      int end = Math.min(rows.size(), at + page);
      if (end < rows.size()) {
        headers =
            Map.of(
                "Link",
                "<%s?last=%d>; rel=\"next\"".formatted(exchange.getRequestURI().getPath(), end));
      }
      rows = rows.subList(at, end);
    }
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", INDEX);
    ArrayNode manifests = index.putArray("manifests");
    rows.forEach(manifests::add);
    send(exchange, 200, INDEX, JSON.writeValueAsBytes(index), headers);
  }

  private static @Nullable ObjectNode row(
      Map.Entry<String, JsonNode> entry, byte[] bytes, String subject) {
    JsonNode manifest;
    try {
      manifest = JSON.readTree(bytes);
    } catch (JacksonException e) {
      return null;
    }
    if (!manifest.path("subject").path("digest").asString("").equals(subject)) {
      return null;
    }
    ObjectNode row =
        JSON.createObjectNode()
            .put("mediaType", entry.getValue().asString())
            .put("size", bytes.length)
            .put("digest", entry.getKey());
    String type =
        manifest
            .path("artifactType")
            .asString(manifest.path("config").path("mediaType").asString(""));
    row.put("artifactType", type);
    if (manifest.has("annotations")) {
      row.set("annotations", manifest.get("annotations"));
    }
    return row;
  }

  private byte @Nullable [] content(JsonNode repository, String digest) {
    if (repository.path("inline").has(digest)) {
      return repository.path("inline").path(digest).asString().getBytes(UTF_8);
    }
    Path file = root.resolve("blobs/sha256/" + digest.replace("sha256:", ""));
    Path packed = file.resolveSibling(file.getFileName() + ".gz");
    try {
      if (Files.exists(file)) {
        return Files.readAllBytes(file);
      }
      if (Files.exists(packed)) {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
          return in.readAllBytes();
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fail(HttpExchange exchange, int status) throws IOException {
    send(
        exchange,
        status,
        "application/json",
        "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"unknown\"}]}".getBytes(UTF_8),
        Map.of());
  }

  private static void send(
      HttpExchange exchange, int status, String type, byte[] body, Map<String, String> headers)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
