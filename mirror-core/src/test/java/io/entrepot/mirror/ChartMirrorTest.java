package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.entrepot.config.SpecLoader;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstreams;
import io.entrepot.render.RenderTools;
import io.entrepot.render.TestTree;
import io.entrepot.testing.TestCharts;
import io.entrepot.testing.TestClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Charts of a mirror file, out of a chart repository and out of a registry, rendered by helm. */
class ChartMirrorTest extends MirrorSetup {

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
      spec:
        containers:
          - name: web
            image: %s
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final Map<String, String> index = new LinkedHashMap<>();
  private RenderTools tools = TestTree.tools();
  private Optional<String> password = Optional.empty();

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.computeIfAbsent(path, each -> new AtomicInteger()).incrementAndGet();
          byte[] file = files.get(path);
          String login = exchange.getRequestHeaders().getFirst("Authorization");
          if (password.isPresent() && !password.equals(Optional.ofNullable(login))) {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"charts\"");
            exchange.sendResponseHeaders(401, -1);
          } else if (file == null) {
            exchange.sendResponseHeaders(404, -1);
          } else {
            exchange.sendResponseHeaders(200, file.length == 0 ? -1 : file.length);
            exchange.getResponseBody().write(file);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** An image at the source that both platforms have; its name as a chart writes it. */
  private String image(String repository, String tag) {
    new SourceImages(source, repository).twoPlatforms(tag);
    return source.reference(repository, tag).toString();
  }

  /** Publishes a chart in the HTTP repository. */
  private byte[] publish(String name, String version, Map<String, String> members) {
    byte[] chart = TestCharts.packed(name, version, members);
    offer(name, version, "charts/%s-%s.tgz".formatted(name, version), Digest.of(chart).hex());
    files.put("/stable/charts/%s-%s.tgz".formatted(name, version), chart);
    return chart;
  }

  private void offer(String name, String version, String address, String digest) {
    index.merge(
        name,
        "    - name: %s\n      version: \"%s\"\n      digest: %s\n      urls: [\"%s\"]\n"
            .formatted(name, version, digest, address),
        String::concat);
    StringBuilder text = new StringBuilder("apiVersion: v1\nentries:\n");
    index.forEach(
        (chart, versions) -> text.append("  ").append(chart).append(":\n").append(versions));
    files.put("/stable/index.yaml", text.toString().getBytes(UTF_8));
  }

  private MirrorSettings settings(String text) throws IOException {
    Path file = folder.resolve("mirror.yaml");
    Files.writeString(file, "target: %s/mirror\n".formatted(target.name()) + text);
    return MirrorSpecReader.load(new SpecLoader(name -> null, warning -> {}), file);
  }

  private String fromIndex(String name, String more) {
    return """
    charts:
      - chart: { repository: "http://%s/stable", name: %s }
    %s\
    """
        .formatted(host(), name, more.indent(4));
  }

  private MirrorReport charted(String text) throws IOException {
    MirrorSettings settings = settings(text);
    LockFile former = lock.orElseGet(LockFile::empty);
    ChartRun charts = ChartRun.of(settings, registries(settings), former, tools);
    Mirror mirror = new Mirror(charts.client(), MirrorOptions.DEFAULTS, MirrorListener.SILENT);
    MirrorPlan plan =
        charts.complete(mirror.plan(charts.spec(), Optional.of(former)), MirrorOptions.DEFAULTS);
    MirrorReport report = charts.conclude(mirror.run(plan));
    lock = Optional.of(report.lock());
    return report;
  }

  private RegistryClient registries(MirrorSettings settings) {
    RegistryClient client =
        TestClients.impatient(vertx, Upstreams.configured(settings.registries()));
    clients.add(client);
    return client;
  }

  private static void allGood(MirrorReport report) {
    assertThat(report.images())
        .allSatisfy(
            each ->
                assertThat(each.outcome())
                    .as("%s: %s", each.source(), each.error())
                    .isIn(Outcome.COPIED, Outcome.UNCHANGED));
  }

  private List<String> imagesOf(MirrorReport report) {
    return report.images().stream()
        .map(each -> each.source().toString())
        .filter(each -> each.startsWith(source.name() + "/"))
        .map(each -> each.substring(source.name().value().length() + 1))
        .sorted()
        .toList();
  }

  private LockedImage locked(String key) {
    return Objects.requireNonNull(lock.orElseThrow().images().get(ImageReference.parse(key)), key);
  }

  // Republishing

  @Test
  void chartOfAnIndex_isRepublishedByteForByte_andItsImagesAreCopied() throws IOException {
    String image = image("acme/web", "1.0");
    byte[] chart =
        publish("web", "1.2.3+build.5", Map.of("templates/pod.yaml", POD.formatted(image)));
    files.put("/stable/charts/web-1.2.3+build.5.tgz.prov", "signed".getBytes(UTF_8));

    MirrorReport report = charted(fromIndex("web", "version: 1.2.3+build.5"));

    allGood(report);
    ImageManifest manifest =
        (ImageManifest) target.manifest("mirror/charts/web", "1.2.3_build.5").parse();
    assertThat(manifest.layers())
        .extracting(layer -> layer.mediaType().value())
        .containsExactly(
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "application/vnd.cncf.helm.chart.provenance.v1.prov");
    assertThat(target.blob("mirror/charts/web", manifest.layers().getFirst().digest()))
        .isEqualTo(chart);
    assertThat(manifest.annotations()).doesNotContainKey("org.opencontainers.image.created");
    assertThat(target.tags("mirror/acme-web")).containsExactly("1.0");
    String key = host() + "/stable/web:1.2.3_build.5";
    assertThat(locked(key).platforms()).isEmpty();
    assertThat(locked(image).origin().charts()).containsExactly(key);

    assertThat(locked(key).origin().from())
        .containsExactly(
            Map.entry(
                "http://%s/stable/charts/web-1.2.3+build.5.tgz".formatted(host()),
                Digest.of(chart)));

    Digest first = locked(key).digest();
    String text = LockFileCodec.format(report.lock());
    assertThat(LockFileCodec.format(charted(fromIndex("web", "version: 1.2.3+build.5")).lock()))
        .isEqualTo(text);
    assertThat(locked(key).digest()).isEqualTo(first);
  }

  @Test
  void firstMirror_asksForEachManifestAndBlobOnce() throws IOException {
    StringBuilder pods = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      pods.append("---\n").append(POD.formatted(image("acme/part" + i, "1")));
    }
    byte[] chart =
        TestCharts.packed("many", "1.0.0", Map.of("templates/pods.yaml", pods.toString()));
    push("acme/charts/many", "1.0.0", chart);

    allGood(
        charted(
            "charts:\n  - chart: oci://%s/acme/charts/many\n    version: 1.0.0\n"
                .formatted(source.name())));

    Map<String, Long> gets = new TreeMap<>();
    source.requests().stream()
        .filter(each -> each.kind().equals("GET manifest") || each.kind().equals("GET blob"))
        .forEach(each -> gets.merge(each.path(), 1L, Long::sum));
    assertThat(gets.values()).isNotEmpty().allMatch(count -> count == 1);
    assertThat(target.tags("mirror/charts/many")).containsExactly("1.0.0");
  }

  private Digest push(String repository, String tag, byte[] chart) {
    byte[] config = "{\"name\":\"many\"}".getBytes(UTF_8);
    Digest configDigest = source.addBlob(repository, config);
    Digest layer = source.addBlob(repository, chart);
    return source.addManifest(
        repository,
        tag,
        MediaType.OCI_MANIFEST,
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":\
        "application/vnd.cncf.helm.config.v1+json","digest":"%s","size":%d},"layers":[{"mediaType":\
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"%s","size":%d}]}\
        """
            .formatted(MediaType.OCI_MANIFEST, configDigest, config.length, layer, chart.length)
            .getBytes(UTF_8));
  }

  @Test
  void addressesOfAnIndex_areFollowed_relativeAbsoluteAndInARegistry() throws IOException {
    publish("relative", "1.0.0", Map.of());
    byte[] absolute = TestCharts.packed("absolute", "1.0.0", Map.of());
    files.put("/elsewhere/absolute.tgz", absolute);
    offer(
        "absolute",
        "1.0.0",
        "http://%s/elsewhere/absolute.tgz".formatted(host()),
        Digest.of(absolute).hex());
    byte[] other = TestCharts.packed("other", "1.0.0", Map.of());
    push("acme/charts/other", "1.0.0", other);
    offer("other", "1.0.0", "oci://%s/acme/charts/other:1.0.0".formatted(source.name()), "\"\"");
    String entry = "  - chart: { repository: \"http://" + host() + "/stable\", name: %s }\n";

    allGood(
        charted(
            "charts:\n"
                + entry.formatted("relative")
                + entry.formatted("absolute")
                + entry.formatted("other")));

    assertThat(target.repositories())
        .contains("mirror/charts/relative", "mirror/charts/absolute", "mirror/charts/other");
    assertThat(asked.get("/stable/index.yaml")).hasValue(1);
  }

  @Test
  void packageOfAnotherDigest_isRefused_andTheRestIsDone() throws IOException {
    byte[] chart = TestCharts.packed("bad", "1.0.0", Map.of());
    files.put("/stable/bad.tgz", chart);
    offer("bad", "1.0.0", "bad.tgz", Digest.of("other".getBytes(UTF_8)).hex());
    image("acme/web", "1.0");

    MirrorReport report =
        charted(
            fromIndex("bad", "version: 1.0.0")
                + "images: [%s]\n".formatted(source.reference("acme/web", "1.0")));

    assertThat(report.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.COPIED, Outcome.FAILED);
    assertThat(report.images().getLast().error()).contains("the index says");
    assertThat(target.repositories()).doesNotContain("mirror/charts/bad");
  }

  @Test
  void credentials_areThoseOfTheHost() throws IOException {
    publish("web", "1.0.0", Map.of());
    password = Optional.of("Basic dTpw");

    allGood(
        charted(
            "registries:\n  \"%s\":\n    credentials: { username: u, password: p }\n"
                    .formatted(host())
                + fromIndex("web", "version: 1.0.0")));
  }

  @Test
  void ranges_takeTheNewest_andNoPreRelease() throws IOException {
    for (String version : List.of("1.0.0", "1.1.0", "1.2.0-rc.1", "1.1.1", "2.0.0")) {
      publish("web", version, Map.of());
    }
    allGood(charted(fromIndex("web", "version: \"1.x\"\nnewest: 2")));
    assertThat(target.tags("mirror/charts/web")).containsExactlyInAnyOrder("1.1.0", "1.1.1");
  }

  // What a chart starts

  @Test
  void tenShapes_areFoundWholeAndNothingElse() throws IOException {
    Map<String, Map<String, String>> shapes = new TreeMap<>();
    Map<String, String> values = new TreeMap<>();
    shapes.put("plain", Map.of("templates/a.yaml", POD.formatted(image("s/plain", "1"))));
    shapes.put(
        "flag",
        Map.of(
            "templates/a.yaml",
            POD.formatted(image("s/operator", "1"))
                + "      args: [\"--prometheus-config-reloader="
                + image("s/reloader", "2")
                + "\"]\n"));
    shapes.put(
        "env",
        Map.of(
            "templates/a.yaml",
            POD.formatted(image("s/controller", "1"))
                + "      env: [{ name: RELATED_IMAGE_SIDECAR, value: \""
                + image("s/sidecar", "3")
                + "\" }]\n"));
    shapes.put(
        "operand",
        Map.of(
            "templates/a.yaml",
            "apiVersion: acme.io/v1\nkind: Cluster\nmetadata: { name: c }\nspec:\n  image: "
                + image("s/operand", "4")
                + "\n  exporter:\n    repository: "
                + source.name()
                + "/s/exporter\n    tag: \"5\"\n"));
    image("s/exporter", "5");
    shapes.put(
        "global",
        Map.of(
            "values.yaml",
            """
            global: { imageRegistry: "" }
            image: { registry: nowhere.example, repository: s/global, tag: "6" }
            """,
            "templates/a.yaml",
            POD.formatted(
                "{{ .Values.global.imageRegistry | default .Values.image.registry }}/{{"
                    + " .Values.image.repository }}:{{ .Values.image.tag }}")));
    image("s/global", "6");
    values.put("global", "global: { imageRegistry: \"" + source.name() + "\" }\n");
    shapes.put(
        "templated",
        Map.of(
            "Chart.yaml",
            "appVersion: \"7\"\n",
            "templates/a.yaml",
            POD.formatted(source.name() + "/s/templated:{{ .Chart.AppVersion }}")));
    image("s/templated", "7");
    shapes.put(
        "hook",
        Map.of(
            "templates/a.yaml",
            """
            apiVersion: batch/v1
            kind: Job
            metadata: { name: j, annotations: { helm.sh/hook: pre-install } }
            spec:
              template:
                spec:
                  restartPolicy: Never
                  initContainers: [{ name: i, image: %s }]
                  containers: [{ name: c, image: %s }]
            """
                .formatted(image("s/init", "8"), image("s/job", "8"))));
    shapes.put(
        "depends",
        Map.of(
            "Chart.yaml",
            "dependencies: [{ name: sub, version: 1.0.0, condition: sub.enabled }, { name: idle,"
                + " version: 1.0.0, condition: idle.enabled }]\n",
            "values.yaml",
            "sub: { enabled: true }\nidle: { enabled: false }\n",
            "charts/sub/Chart.yaml",
            "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
            "charts/sub/templates/a.yaml",
            POD.formatted(image("s/sub", "9")),
            "charts/idle/Chart.yaml",
            "apiVersion: v2\nname: idle\nversion: 1.0.0\n",
            "charts/idle/templates/a.yaml",
            POD.formatted(image("s/idle", "9"))));
    shapes.put(
        "annotated",
        Map.of(
            "Chart.yaml",
            "annotations:\n  artifacthub.io/images: |\n    - name: tool\n      image: "
                + image("s/annotated", "10")
                + "\n"));
    shapes.put(
        "pinned",
        Map.of(
            "templates/a.yaml",
            POD.formatted(image("s/pinned", "11") + "@" + source.digestOf("s/pinned", "11"))));
    StringBuilder file = new StringBuilder("charts:\n");
    for (Map.Entry<String, Map<String, String>> shape : shapes.entrySet()) {
      publish(shape.getKey(), "1.0.0", shape.getValue());
      file.append("  - chart: { repository: \"http://")
          .append(host())
          .append("/stable\", name: ")
          .append(shape.getKey())
          .append(" }\n");
      if (values.containsKey(shape.getKey())) {
        Files.writeString(folder.resolve(shape.getKey() + ".yaml"), values.get(shape.getKey()));
        file.append("    values: [").append(shape.getKey()).append(".yaml]\n");
      }
    }

    MirrorReport report = charted(file.toString());

    allGood(report);
    assertThat(imagesOf(report))
        .containsExactly(
            "s/annotated:10",
            "s/controller:1",
            "s/exporter:5",
            "s/global:6",
            "s/init:8",
            "s/job:8",
            "s/operand:4",
            "s/operator:1",
            "s/pinned@" + source.digestOf("s/pinned", "11"),
            "s/plain:1",
            "s/reloader:2",
            "s/sidecar:3",
            "s/sub:9",
            "s/templated:7");
    assertThat(target.tags("mirror/s-pinned")).containsExactly("11");
  }

  @Test
  void pinnedImageWhoseTagMoved_isFetchedByItsDigest() throws IOException {
    image("acme/web", "1.0");
    Digest old = source.digestOf("acme/web", "1.0");
    new SourceImages(source, "acme/web")
        .index("1.0", new SourceImages(source, "acme/web").image("linux/amd64"));
    publish(
        "web",
        "1.0.0",
        Map.of("templates/a.yaml", POD.formatted(source.reference("acme/web", "1.0") + "@" + old)));

    allGood(charted(fromIndex("web", "version: 1.0.0")));

    assertThat(target.tags("mirror/acme-web")).containsExactly("1.0_" + old.shortHex(12));
  }

  @Test
  void unsureImages_haveToBeDecided_andTheRestIsDone() throws IOException {
    image("acme/web", "1.0");
    String text =
        POD.formatted(source.reference("acme/web", "1.0"))
            + """
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: c }
            data:
              runner.conf: |
                use quay.example.org/acme/runner:v1 for jobs, see https://docs.example.org/a:1
            """;
    publish("web", "1.0.0", Map.of("templates/a.yaml", text));

    MirrorReport undecided = charted(fromIndex("web", "version: 1.0.0"));

    assertThat(undecided.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.COPIED, Outcome.COPIED, Outcome.FAILED);
    assertThat(undecided.images().getLast().source())
        .isEqualTo(ImageReference.parse("quay.example.org/acme/runner:v1"));
    assertThat(undecided.images().getLast().remedy()).contains("accept:").contains("refuse:");

    allGood(
        charted(
            fromIndex(
                "web",
                "version: 1.0.0\n"
                    + "refuse: [{ image: \"quay.example.org/acme/runner:v1\", reason: not used"
                    + " }]")));
  }

  @Test
  void entryForTheSameSource_decidesNamePlatformsAndWaiver() throws IOException {
    SourceImages one = new SourceImages(source, "acme/one");
    one.index("1.0", one.image("linux/amd64", one.layer("x")));
    String image = source.reference("acme/one", "1.0").toString();
    publish("web", "1.0.0", Map.of("templates/a.yaml", POD.formatted(image)));

    MirrorReport refused = charted(fromIndex("web", "version: 1.0.0"));
    assertThat(refused.any(Outcome.REFUSED)).isTrue();

    allGood(
        charted(
            fromIndex("web", "version: 1.0.0")
                + "images: [{ source: \"%s\", as: only, platforms: [linux/amd64], reason: cloud }]\n"
                    .formatted(image)));
    assertThat(target.tags("mirror/only")).containsExactly("1.0");
    assertThat(locked(image).origin().charts()).hasSize(1);
  }

  @Test
  void chartThatDoesNotRender_fails_andWhatTheLockSaysOfItStays() throws IOException {
    String image = image("acme/web", "1.0");
    publish("web", "1.0.0", Map.of("templates/a.yaml", POD.formatted(image)));
    allGood(charted(fromIndex("web", "version: 1.0.0")));
    String before = LockFileCodec.format(lock.orElseThrow());

    tools = new RenderTools("no-such-helm", "kustomize", Duration.ofMinutes(1));
    MirrorReport report = charted(fromIndex("web", "version: 1.0.0"));

    assertThat(report.any(Outcome.FAILED)).isTrue();
    assertThat(report.images().getLast().remedy()).contains("install helm");
    assertThat(LockFileCodec.format(report.lock())).isEqualTo(before);
  }

  @Test
  void valuesThatNameOurCopies_areLookedUpInTheLock() throws IOException {
    String image = image("acme/web", "1.0");
    publish(
        "web",
        "1.0.0",
        Map.of(
            "values.yaml", "image: x\n", "templates/a.yaml", POD.formatted("{{ .Values.image }}")));
    Files.writeString(folder.resolve("v.yaml"), "image: " + image + "\n");
    String file = fromIndex("web", "version: 1.0.0\nvalues: [v.yaml]");
    allGood(charted(file));

    Files.writeString(folder.resolve("v.yaml"), "image: " + locked(image).pinnedTarget() + "\n");
    MirrorReport report = charted(file);

    allGood(report);
    assertThat(imagesOf(report)).containsExactly("acme/web:1.0");
  }

  @Test
  void lockedRun_asksNothingOfChartsAndRendersNothing() throws IOException {
    String image = image("acme/web", "1.0");
    publish("web", "1.0.0", Map.of("templates/a.yaml", POD.formatted(image)));
    allGood(charted(fromIndex("web", "version: \"1.x\"")));
    asked.clear();

    MirrorSettings settings = settings(fromIndex("web", "version: \"1.x\""));
    ChartRun charts = ChartRun.locked(settings, registries(settings), lock.orElseThrow());

    assertThat(charts.spec().entries()).hasSize(2);
    assertThat(asked).isEmpty();
  }
}
