import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets commands do a small piece of their usual work once, so that the Java machine that runs them
 * can note down which classes that takes, in one start-up cache for each kind of command. Both the
 * launcher of the source tree and the build of the distribution run this file:
 *
 * <pre>
 * java Training.java JAVA FOLDER_OF_OPTIONS FOLDER_OF_CACHES OPTION... (-jar entrepot.jar | -m entrepot)
 * </pre>
 *
 * A command gets what it needs as further arguments: a {@code mirror.yaml} with two small images,
 * of which one was copied before, a {@code proxy.yaml} whose registry is then pulled from and
 * pushed to, or a folder of manifests and its lock. Registries are in this process's memory, on
 * loopback ports of the system's choice. What the commands say goes to a log beside each cache.
 * Exits with 1 when a cache could not be made.
 */
final class Training {

  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  private record Content(String type, byte[] bytes) {}

  /** By path: {@code /v2/NAME/manifests/REFERENCE} and {@code /v2/NAME/blobs/DIGEST}. */
  private final Map<String, Content> contents = new ConcurrentHashMap<>();

  private final AtomicInteger uploads = new AtomicInteger();

  private final Path log;

  private Training(Path log) {
    this.log = log;
  }

  public static void main(String[] arguments) throws Exception {
    Path java = Path.of(arguments[0]);
    Path options = Path.of(arguments[1]);
    Path caches = Path.of(arguments[2]);
    List<String> program = List.of(arguments).subList(3, arguments.length);
    List<Future<Boolean>> trained = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String kind : List.of("mirror", "serve", "pin")) {
        trained.add(threads.submit(() -> cache(java, options, caches, kind, program)));
      }
    }
    boolean all = true;
    for (Future<Boolean> one : trained) {
      all &= one.get();
    }
    System.exit(all ? 0 : 1);
  }

  private static boolean cache(
      Path java, Path options, Path caches, String kind, List<String> program) throws Exception {
    Path cache = caches.resolve(kind + ".aot");
    Files.deleteIfExists(cache);
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("@" + options.resolve("common.options"));
    command.add("@" + options.resolve(kind + ".options"));
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(program);
    int code = new Training(caches.resolve(kind + ".aot.log")).train(kind, command);
    if (code != 0) {
      Files.deleteIfExists(cache);
    }
    return Files.exists(cache);
  }

  private int train(String work, List<String> command) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    Path directory = Files.createTempDirectory("entrepot-training");
    try {
      String registry = "127.0.0.1:" + server.getAddress().getPort();
      image("training/one", "1");
      image("training/two", "1");
      return switch (work) {
        case "mirror" -> mirror(command, directory, registry);
        case "serve" -> serve(command, directory, registry);
        case "pin" -> pin(command, directory);
        default -> throw new IllegalArgumentException(work);
      };
    } finally {
      server.stop(0);
      try (var files = Files.walk(directory)) {
        for (Path left : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(left);
        }
      }
    }
  }

  private Process start(List<String> command, Path directory, String... arguments)
      throws IOException {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    builder.environment().put("NO_PROXY", "127.0.0.1");
    return builder
        .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private int mirror(List<String> command, Path directory, String registry) throws Exception {
    String one =
        """
        target: %1$s/mirror
        platforms: [linux/amd64, linux/arm64]
        images:
          - source: %1$s/training/one:1
            target: %1$s/mirror/one:1
        """
            .formatted(registry);
    String two =
        """
          - source: %1$s/training/two:1
            target: %1$s/mirror/two:1
        """
            .formatted(registry);
    // So that the run that counts reads a lock, and finds one image unchanged and one new.
    Files.writeString(directory.resolve("mirror.yaml"), one);
    List<String> untrained =
        command.stream().filter(option -> !option.startsWith("-XX:AOTCacheOutput=")).toList();
    int before = start(untrained, directory, "mirror").waitFor();
    Files.writeString(directory.resolve("mirror.yaml"), one + two);
    return before == 0
        ? start(command, directory, "mirror", "-c", "mirror.yaml").waitFor()
        : before;
  }

  private int pin(List<String> command, Path directory) throws Exception {
    Files.writeString(
        directory.resolve("values.yaml"),
        """
        # A chart's values
        image: { registry: docker.io, repository: bitnami/redis, tag: "7.2", digest: "" }
        sidecar:
          image: docker.io/bitnami/os-shell:12
        """);
    Files.writeString(
        directory.resolve("pod.yaml"),
        """
        apiVersion: v1
        kind: Pod
        metadata: { name: a }
        spec:
          containers:
            - { name: a, image: "docker.io/bitnami/os-shell:12" }
        """);
    Files.writeString(
        directory.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/bitnami/os-shell:12:
            digest: %1$s
            target: ghcr.io/acme/mirror/os-shell:12
            platforms: [linux/amd64]
          docker.io/bitnami/redis:7.2:
            digest: %1$s
            target: ghcr.io/acme/mirror/redis:7.2
            platforms: [linux/amd64]
        """
            .formatted(digest(new byte[0])));
    return start(command, directory, "pin", ".", "--lock", "images.lock.yaml").waitFor();
  }

  private int serve(List<String> command, Path directory, String registry) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        directory.resolve("proxy.yaml"),
        """
        listen: 127.0.0.1:%d
        cache: { directory: store }
        registries: { docker.io: { endpoints: ["http://%s"] } }
        """
            .formatted(port, registry));
    Process server = start(command, directory, "serve", "-c", "proxy.yaml");
    try (HttpClient client = HttpClient.newHttpClient()) {
      Visitor visitor = new Visitor(client, "http://127.0.0.1:" + port + "/v2/");
      visitor.waitFor(server);
      for (int round = 0; round < 2; round++) {
        for (String path : List.copyOf(contents.keySet())) {
          if (path.startsWith("/v2/training/one/")) {
            String rest = path.substring("/v2/".length());
            visitor.ask("HEAD", rest + "?ns=docker.io", null);
            visitor.ask("GET", rest + "?ns=docker.io", null);
            visitor.ask("GET", "docker.io/" + rest, null);
          }
        }
      }
      byte[] blob = "blob".getBytes(StandardCharsets.UTF_8);
      String location = visitor.ask("POST", "team/app/blobs/uploads/", null);
      visitor.ask("PUT", location.substring("/v2/".length()) + "?digest=" + digest(blob), blob);
      visitor.ask("GET", "team/app/blobs/" + digest(blob), null);
      visitor.ask("GET", "docker.io/training/one/tags/list", null);
      for (String path : List.of("metrics", "livez", "readyz")) {
        visitor.ask("GET", "../" + path, null);
      }
    }
    server.destroy();
    return server.waitFor();
  }

  /** A client of the registry that is being trained. */
  private record Visitor(HttpClient client, String base) {

    void waitFor(Process server) throws Exception {
      while (server.isAlive()) {
        try {
          ask("GET", "", null);
          return;
        } catch (ConnectException e) {
          Thread.sleep(20);
        }
      }
    }

    /** Gives the answer's {@code Location}, or nothing. */
    String ask(String method, String path, byte[] body) throws Exception {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(base + path).normalize())
              .version(HttpClient.Version.HTTP_1_1)
              .method(
                  method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
              .timeout(Duration.ofSeconds(30))
              .build();
      return client
          .send(request, HttpResponse.BodyHandlers.discarding())
          .headers()
          .firstValue("Location")
          .orElse("");
    }
  }

  private void image(String name, String tag) throws Exception {
    List<String> entries = new ArrayList<>();
    for (String architecture : List.of("amd64", "arm64")) {
      byte[] layer = (name + architecture).repeat(10_000).getBytes(StandardCharsets.UTF_8);
      byte[] config =
          """
          {"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]}}"""
              .formatted(architecture, digest(layer))
              .getBytes(StandardCharsets.UTF_8);
      byte[] manifest =
          """
          {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
              .formatted(
                  MANIFEST,
                  descriptor(CONFIG, blob(name, config)),
                  descriptor(LAYER, blob(name, layer)))
              .getBytes(StandardCharsets.UTF_8);
      contents.put(
          "/v2/" + name + "/manifests/" + digest(manifest), new Content(MANIFEST, manifest));
      entries.add(
          descriptor(MANIFEST, manifest)
              .replaceFirst(
                  "}$",
                  ",\"platform\":{\"architecture\":\"" + architecture + "\",\"os\":\"linux\"}}"));
    }
    byte[] index =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[%s]}"""
            .formatted(INDEX, String.join(",", entries))
            .getBytes(StandardCharsets.UTF_8);
    contents.put("/v2/" + name + "/manifests/" + tag, new Content(INDEX, index));
    contents.put("/v2/" + name + "/manifests/" + digest(index), new Content(INDEX, index));
  }

  private byte[] blob(String name, byte[] bytes) throws Exception {
    contents.put(
        "/v2/" + name + "/blobs/" + digest(bytes), new Content("application/octet-stream", bytes));
    return bytes;
  }

  private static String descriptor(String type, byte[] bytes) throws Exception {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(bytes), bytes.length);
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      URI uri = exchange.getRequestURI();
      String path = uri.getPath();
      String location = null;
      int status;
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          location = path + uploads.incrementAndGet();
          status = 202;
        }
        case "PATCH" -> {
          contents.merge(path, new Content("", body), Training::joined);
          location = path;
          status = 202;
        }
        case "PUT" -> {
          put(path, uri.getQuery(), body, exchange.getRequestHeaders().getFirst("Content-Type"));
          location = path;
          status = 201;
        }
        default -> {
          get(exchange, path);
          return;
        }
      }
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(status, -1);
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static Content joined(Content before, Content more) {
    byte[] all = new byte[before.bytes.length + more.bytes.length];
    System.arraycopy(before.bytes, 0, all, 0, before.bytes.length);
    System.arraycopy(more.bytes, 0, all, before.bytes.length, more.bytes.length);
    return new Content("", all);
  }

  private void put(String path, String query, byte[] body, String type) throws Exception {
    int uploading = path.indexOf("uploads/");
    if (uploading < 0) {
      contents.put(path, new Content(type, body));
      contents.put(
          path.substring(0, path.lastIndexOf('/') + 1) + digest(body), new Content(type, body));
    } else {
      Content all = contents.merge(path, new Content("", body), Training::joined);
      contents.put(
          path.substring(0, uploading) + query.substring(query.indexOf("digest=") + 7),
          new Content("application/octet-stream", all.bytes));
    }
  }

  private void get(HttpExchange exchange, String path) throws Exception {
    Content content = contents.get(path);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (content == null) {
      exchange.sendResponseHeaders(path.equals("/v2/") ? 200 : 404, -1);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", content.type);
    exchange.getResponseHeaders().set("Docker-Content-Digest", digest(content.bytes));
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.bytes.length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, content.bytes.length);
      exchange.getResponseBody().write(content.bytes);
    }
  }
}
