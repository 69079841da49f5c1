package io.entrepot.gate.init;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.pods.PodList;
import io.entrepot.pods.PodListReader;
import io.entrepot.pods.PodSource;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import io.entrepot.render.TestTree;
import io.entrepot.testing.ChartShapes;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class FirstFilesTest {

  private static final Repository TARGET = Repository.parse("ghcr.io/acme/mirror");
  private static final String D1 = "sha256:" + "1".repeat(64);
  private static final String D2 = "sha256:" + "2".repeat(64);

  @TempDir Path folder;
  private TestRegistry registry;
  private Vertx vertx;
  private RegistryClient client;

  @BeforeEach
  void start() {
    registry = TestRegistry.start();
    vertx = Vertx.vertx();
    Map<RegistryName, Upstream> all = new HashMap<>();
    for (String name : List.of("docker.io", "quay.io", "registry.k8s.io", "ghcr.io")) {
      RegistryName host = new RegistryName(name);
      Upstream usual = Upstream.of(host);
      all.put(
          host,
          new Upstream(
              host,
              List.of(Endpoint.parse(registry.origin())),
              usual.credentials(),
              usual.tokenRealms(),
              0,
              null));
    }
    client = TestClients.impatient(vertx, Upstreams.configured(all));
  }

  @AfterEach
  void stop() {
    client.shutdown().await();
    vertx.close().await();
    registry.close();
  }

  private static RegistryClient nobody() {
    throw new AssertionError("no registry may be asked");
  }

  private void pods(String file, String... images) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < images.length; i++) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Pod
          metadata: { name: p%d }
          spec:
            containers:
              - name: c
                image: %s
          """
              .formatted(i, images[i]));
    }
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text.toString());
  }

  private InitRequest request(boolean offline, boolean sizes, List<String> ours, List<PodList> run)
      throws IOException {
    Path lock = folder.resolve("images.lock.yaml");
    return new InitRequest(
        folder.toRealPath(),
        List.of(),
        null,
        "",
        run,
        TARGET,
        ours,
        offline,
        sizes,
        Files.exists(lock) ? Optional.of(LockFileCodec.read(lock)) : Optional.empty(),
        folder.resolve("cache"));
  }

  private InitReport offline() throws IOException {
    return new FirstFiles(request(true, false, List.of(), List.of()), FirstFilesTest::nobody)
        .make();
  }

  private InitReport online(boolean sizes) throws IOException {
    return new FirstFiles(request(false, sizes, List.of(), List.of()), () -> client).make();
  }

  /** Source and copy of every entry, as our own reader understands what was written. */
  private Map<String, String> read(InitReport report) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("written"));
    Path mirror = Files.writeString(directory.resolve("mirror.yaml"), report.mirror());
    return MirrorSpecReader.load(new SpecLoader(name -> null), mirror).spec().entries().stream()
        .map(ImageCopy.class::cast)
        .collect(Collectors.toMap(e -> e.source().toString(), e -> e.target().toString()));
  }

  private CheckSpec readCheck(InitReport report) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("written"));
    Path check = Files.writeString(directory.resolve("check.yaml"), String.valueOf(report.check()));
    return CheckSpecReader.load(new SpecLoader(name -> null), check, AllRules.RULES);
  }

  @ParameterizedTest
  @MethodSource("io.entrepot.testing.ChartShapes#names")
  void chartOfEveryShape_everyImageIsFound_andNothingElse(String shape) throws IOException {
    var unused = TestTree.tools();
    for (Map.Entry<String, String> file : ChartShapes.files(shape).entrySet()) {
      Path path = folder.resolve("charts/" + shape).resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.writeString(
        folder.resolve("app.yaml"),
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: %1$s }
        spec:
          destination: { server: https://kubernetes.default.svc, namespace: x }
          source: { repoURL: https://git.example.org/deploy.git, path: charts/%1$s }
        """
            .formatted(shape));
    InitReport report = offline();
    assertThat(
            Stream.concat(
                report.images().stream().map(InitReport.Image::source),
                report.firstParty().stream()))
        .containsExactlyInAnyOrderElementsOf(ChartShapes.started(shape));
    assertThat(report.unsure()).isEmpty();
    assertThat(report.unread()).isEmpty();
  }

  @Test
  void plainManifests_everyImageOnce_groupedByRegistry() throws IOException {
    pods("apps/a.yaml", "redis:7", "quay.io/acme/tool:1", "redis:7", "busybox");
    InitReport report = offline();
    assertThat(read(report))
        .containsOnly(
            Map.entry("docker.io/library/redis:7", TARGET + "/redis:7"),
            Map.entry("docker.io/library/busybox:latest", TARGET + "/busybox:latest"),
            Map.entry("quay.io/acme/tool:1", TARGET + "/acme-tool:1"));
    assertThat(report.registries())
        .containsOnly(Map.entry("docker.io", 2), Map.entry("quay.io", 1));
    assertThat(report.mirror()).contains("# docker.io: 2 images", "# apps/a.yaml:");
  }

  @Test
  void sameBytes_forTheSameTree() throws IOException {
    pods("apps/a.yaml", "redis:7", "quay.io/acme/tool:1");
    assertThat(offline()).isEqualTo(offline());
  }

  @Test
  void namesThatCollide_getNamesOfTheirOwn() throws IOException {
    pods(
        "a.yaml",
        "acme/tool:1",
        "quay.io/acme/tool:1",
        "quay.io/acme-tool:2",
        "docker.io/quay-io/acme-tool:1");
    Map<String, String> entries = read(offline());
    assertThat(entries).hasSize(4).containsEntry("docker.io/acme/tool:1", TARGET + "/acme-tool:1");
    assertThat(entries.values().stream().map(copy -> copy.replaceAll(":[^:/]*$", "")))
        .doesNotHaveDuplicates();
  }

  @Test
  void tagAndAnOlderDigestOfIt_twoCopies_theDigestsNamesBoth() throws IOException {
    pods("a.yaml", "redis:7", "redis:7@" + D1, "quay.io/a/b:1@" + D1, "quay.io/c/d@" + D2);
    assertThat(read(offline()))
        .containsOnly(
            Map.entry("docker.io/library/redis:7", TARGET + "/redis:7"),
            Map.entry("docker.io/library/redis@" + D1, TARGET + "/redis:7_111111111111"),
            Map.entry("quay.io/a/b@" + D1, TARGET + "/a-b:1"),
            Map.entry("quay.io/c/d@" + D2, TARGET + "/c-d:222222222222"));
  }

  @Test
  void digestThatTheTagMeansNow_isNoSecondImage() throws IOException {
    var image = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    image.push(registry, "library/redis", "7");
    pods("a.yaml", "redis:7", "redis:7@" + image.digest());
    assertThat(read(online(false)).keySet()).containsExactly("docker.io/library/redis:7");
  }

  @Test
  void everyImage_oneHeadAndOneGet_andASingleManifestsConfiguration() throws IOException {
    TestImages.multiPlatform("linux/amd64", "linux/arm64").push(registry, "library/redis", "7");
    TestImages.image("linux/amd64").push(registry, "acme/single", "1");
    pods("a.yaml", "redis:7", "quay.io/acme/single:1", "quay.io/acme/gone:1");
    InitReport report = online(false);
    assertThat(registry.counts())
        .containsOnly(
            Map.entry("HEAD manifest", 3), Map.entry("GET manifest", 2), Map.entry("GET blob", 1));
    assertThat(report.problems().stream().map(InitReport.Image::source))
        .containsExactly("quay.io/acme/gone:1", "quay.io/acme/single:1");
  }

  @Test
  void sizes_everyBlobOnce() throws IOException {
    var image = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    image.push(registry, "library/redis", "7");
    image.push(registry, "other/redis", "7");
    pods("a.yaml", "redis:7", "quay.io/other/redis:7");
    long bytes = online(true).bytes();
    long blobs =
        image.children().stream()
            .flatMap(child -> child.blobs().stream())
            .distinct()
            .mapToLong(blob -> blob.length)
            .sum();
    assertThat(bytes).isGreaterThan(blobs).isGreaterThan(online(false).bytes());
  }

  @ParameterizedTest
  @CsvSource({"linux/amd64, linux/arm64", "linux/arm64, linux/amd64"})
  void missingPlatform_waiverInAComment_nothingWaived(String there, String missing)
      throws IOException {
    TestImages.multiPlatform(there).push(registry, "acme/one", "1");
    pods("a.yaml", "quay.io/acme/one:1");
    InitReport report = online(false);
    assertThat(report.problems().getFirst().problem()).contains(missing + " is not there");
    Path file = Files.writeString(folder.resolve("m.yaml"), report.mirror());
    assertThat(MirrorSpecReader.load(new SpecLoader(name -> null), file).spec().entries())
        .singleElement()
        .matches(
            entry -> entry.policy().waiver() == null && entry.policy().platforms().size() == 2);
    String waived = report.mirror().replaceAll("(?m)^    # (platforms|reason): ", "    $1: ");
    Files.writeString(file, waived);
    assertThat(MirrorSpecReader.load(new SpecLoader(name -> null), file).spec().entries())
        .singleElement()
        .matches(entry -> entry.policy().platforms().toString().equals("[" + there + "]"));
  }

  @Test
  void ownersImages_areSetApart_andCopiesAreNotMirrored() throws IOException {
    pods("a.yaml", "ghcr.io/acme/app:1", "ghcr.io/acme/mirror/redis:7", "ghcr.io/acme-evil/x:1");
    InitReport report = offline();
    assertThat(report.firstParty()).containsExactly("ghcr.io/acme/app:1");
    assertThat(read(report).keySet()).containsExactly("ghcr.io/acme-evil/x:1");
    assertThat(report.problems().stream().map(InitReport.Image::source))
        .containsExactly("ghcr.io/acme/mirror/redis:7");
    assertThat(readCheck(report).firstParty()).containsExactly("ghcr.io/acme/*");
  }

  @Test
  void copiesInTheLock_areTheirSources() throws IOException {
    Files.writeString(
        folder.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/library/redis:7:
            digest: %s
            target: ghcr.io/acme/mirror/redis:7
            platforms: [linux/amd64]
        """
            .formatted(D1));
    pods("a.yaml", "ghcr.io/acme/mirror/redis:7@" + D1);
    assertThat(read(offline()).keySet()).containsExactly("docker.io/library/redis:7");
  }

  @Test
  void environmentsOfPaths_areTheTargets_overlaysTheirEntries() throws IOException {
    pods("apps/web/base/pod.yaml", "redis:7");
    Files.writeString(
        folder.resolve("apps/web/base/kustomization.yaml"), "resources: [pod.yaml]\n");
    for (String name : List.of("local", "prod")) {
      Path overlay = Files.createDirectories(folder.resolve("apps/web/overlays/" + name));
      Files.writeString(
          overlay.resolve("kustomization.yaml"),
          """
          resources: [../../base]
          images: [{ name: redis, newTag: "7.%d" }]
          """
              .formatted(name.length()));
    }
    InitReport report = offline();
    CheckSpec check = readCheck(report);
    assertThat(check.targets().stream().map(target -> target.name() + " " + target.render().size()))
        .containsExactly("local 1", "prod 1");
    assertThat(read(report).keySet())
        .as(report.unread().toString())
        .containsExactlyInAnyOrder("docker.io/library/redis:7.4", "docker.io/library/redis:7.5");
  }

  @Test
  void releaseWhoseChartIsNotAtHand_itsValuesAreRead_itIsNamed() throws IOException {
    Files.createDirectories(folder.resolve("clusters/prod"));
    Files.writeString(
        folder.resolve("clusters/prod/release.yaml"),
        """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: { name: charts, namespace: flux-system }
        spec: { url: https://charts.example.org }
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: cache, namespace: shop }
        spec:
          chart:
            spec:
              chart: cache
              version: "1.x"
              sourceRef: { kind: HelmRepository, name: charts }
          values:
            image: { repository: quay.io/acme/cache, tag: "3" }
        """);
    InitReport report = offline();
    assertThat(report.images().stream().map(InitReport.Image::source))
        .containsExactly("quay.io/acme/cache:3");
    assertThat(report.unread()).isNotEmpty();
    Path mirror = Files.writeString(folder.resolve("m.yaml"), report.mirror());
    assertThat(MirrorSpecReader.load(new SpecLoader(name -> null), mirror).charts()).hasSize(1);
  }

  @Test
  void chartsOfOneName_lieBesideEachOther_andAreRead() throws IOException {
    Files.createDirectories(folder.resolve("apps"));
    Files.createDirectories(folder.resolve("values"));
    Files.writeString(folder.resolve("values/cache.yaml"), "replicas: 1\n");
    int number = 0;
    for (String from :
        List.of(
            "https://charts.example.org",
            "https://other.example.org/stable",
            "registry.example.org/charts",
            "https://charts.example.org")) {
      Files.writeString(
          folder.resolve("apps/a%d.yaml".formatted(number++)),
          """
          apiVersion: argoproj.io/v1alpha1
          kind: Application
          metadata: { name: a%d }
          spec:
            source:
              repoURL: "%s"
              chart: cache
              targetRevision: "1.2.%d+b1"
              helm: { ignoreMissingValueFiles: true, valueFiles: [/values/cache.yaml, /values/no.yaml] }
            destination: { namespace: shop }
          """
              .formatted(number, from, number));
    }
    InitReport report = offline();
    assertThat(report.charts()).hasSize(4);
    Path mirror = Files.writeString(folder.resolve("m.yaml"), report.mirror());
    assertThat(MirrorSpecReader.load(new SpecLoader(name -> null), mirror).charts())
        .as(report.mirror())
        .hasSize(4);
  }

  @Test
  void podsAlone_areEnough() throws IOException {
    String json =
        """
        {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "a", "namespace": "n"},
          "spec": {"containers": [{"name": "c", "image": "redis:7"}]}}]}
        """;
    List<PodList> lists =
        PodListReader.read(
            List.of(
                new PodSource(
                    "prod", "prod.json", () -> new ByteArrayInputStream(json.getBytes(UTF_8)))));
    InitReport report =
        new FirstFiles(request(true, false, List.of(), lists), FirstFilesTest::nobody).make();
    assertThat(read(report).keySet()).containsExactly("docker.io/library/redis:7");
    assertThat(report.mirror()).contains("# pod prod n/a");
  }

  @Test
  void nothing_isSaid() throws IOException {
    assertThat(offline().isEmpty()).isTrue();
  }

  @Test
  void firstPartyPatterns_asGiven() throws IOException {
    pods("a.yaml", "quay.io/acme/app:1", "ghcr.io/acme/app:1");
    InitReport report =
        new FirstFiles(
                request(true, false, List.of("quay.io/acme/*"), List.of()), FirstFilesTest::nobody)
            .make();
    assertThat(report.firstParty()).containsExactly("quay.io/acme/app:1");
    assertThat(read(report).keySet()).containsExactly("ghcr.io/acme/app:1");
  }
}
