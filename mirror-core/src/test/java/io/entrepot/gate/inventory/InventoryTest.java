package io.entrepot.gate.inventory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.inventory.InventoryReport.Image;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.pods.PodList;
import io.entrepot.pods.PodListReader;
import io.entrepot.pods.PodSource;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InventoryTest {

  private static final String CHECK =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: "local.yaml" }] }
        prod: { platforms: [linux/amd64], cluster: aks, render: [{ manifests: "prod.yaml" }] }
      """;

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final TestRegistry registry = TestRegistry.start();
  private final RegistryClient client = TestClients.impatient(vertx);
  private final List<String> lock = new ArrayList<>();
  private GateTree tree = new GateTree(Path.of(""));

  @BeforeEach
  void plant() {
    tree = new GateTree(folder);
    git("local");
    git("prod");
  }

  @AfterEach
  void stop() {
    client.shutdown().await();
    registry.close();
    vertx.close().await();
  }

  private void git(String target, String... images) {
    StringBuilder text =
        new StringBuilder("apiVersion: v1\nkind: Namespace\nmetadata: { name: n }\n");
    for (int i = 0; i < images.length; i++) {
      text.append(
          "---\napiVersion: v1\nkind: Pod\nmetadata: { name: p%d }\nspec: { containers: [{ name: c, image: \"%s\" }] }\n"
              .formatted(i, images[i]));
    }
    tree.file(target + ".yaml", text.toString());
  }

  private static PodList pods(String cluster, String... imagesAndIds) {
    StringBuilder items = new StringBuilder();
    for (int i = 0; i < imagesAndIds.length; i += 2) {
      items.append(
          """
          %s{"kind": "Pod", "metadata": {"name": "p%d", "namespace": "n"},
            "spec": {"containers": [{"name": "c", "image": "%s"}]},
            "status": {"containerStatuses": [{"name": "c", "imageID": "%s"}]}}
          """
              .formatted(i == 0 ? "" : ",", i, imagesAndIds[i], imagesAndIds[i + 1]));
    }
    String json = "{\"kind\": \"List\", \"items\": [" + items + "]}";
    return PodListReader.read(
            List.of(
                new PodSource(
                    cluster, cluster, () -> new ByteArrayInputStream(json.getBytes(UTF_8)))))
        .getFirst();
  }

  private TestImage push(String repository, String tag, String... platforms) {
    TestImage image = TestImages.multiPlatform(platforms);
    image.push(registry, repository, tag);
    return image;
  }

  private void locked(String source, Object digest, String target, String platforms) {
    lock.add(
        "  %s:\n    digest: %s\n    target: %s\n    platforms: [%s]\n"
            .formatted(source, digest, target, platforms));
  }

  private InventoryReport take(boolean offline, PodList... lists) {
    return take(offline, Optional.empty(), lists);
  }

  private InventoryReport take(boolean offline, Optional<Policy> policy, PodList... lists) {
    CheckSpec spec = tree.spec(CHECK);
    GateOptions options =
        new GateOptions(tree.root(), List.of(), offline, false, null, folder.resolve("cache"))
            .running(List.of(lists));
    Optional<LockFile> held =
        lock.isEmpty()
            ? Optional.empty()
            : Optional.of(
                LockFileCodec.parse(
                    "images.lock.yaml",
                    "version: 1\nimages:\n"
                        + lock.stream().sorted().collect(Collectors.joining())));
    return new Inventory(
            new InventoryRequest(spec, options, held, policy, Clock.systemUTC()), () -> client)
        .take();
  }

  private static Map<String, Image> byName(InventoryReport report) {
    return report.images().stream()
        .collect(Collectors.toMap(image -> image.reference().toString(), Function.identity()));
  }

  private Image only(InventoryReport report, String image) {
    return Objects.requireNonNull(byName(report).get(image), image);
  }

  private String name(String path) {
    return registry.name() + "/" + path;
  }

  @Test
  void asItShouldBe_noState() {
    TestImage image = push("acme/app", "1", "linux/amd64", "linux/arm64");
    push("mirror/app", "1", "linux/amd64", "linux/arm64");
    locked(name("acme/app:1"), image.digest(), name("mirror/app:1"), "linux/amd64, linux/arm64");
    git("prod", name("mirror/app:1@" + image.digest()));
    InventoryReport report =
        take(false, pods("prod", name("mirror/app:1"), name("mirror/app@" + image.digest())));
    Image app = only(report, name("mirror/app:1"));
    assertThat(app.states()).isEmpty();
    assertThat(app.mirrored()).isTrue();
    assertThat(app.digest()).isEqualTo(image.digest());
    assertThat(app.git()).hasSize(1);
    assertThat(app.running()).hasSize(1);
    assertThat(report.unjudged()).isEmpty();
  }

  @Test
  void runningAndGit_joinedByTargets() {
    push("acme/app", "1", "linux/amd64", "linux/arm64");
    push("acme/app", "2", "linux/amd64", "linux/arm64");
    git("prod", name("acme/app:1"));
    git("local", name("acme/app:2"));
    InventoryReport report = take(false, pods("aks", name("acme/app:2"), ""));
    assertThat(only(report, name("acme/app:1")).states())
        .containsExactly(State.NOT_RUNNING, State.NOT_MIRRORED);
    // It runs in prod's cluster, where git does not name it; of local nothing is known.
    assertThat(only(report, name("acme/app:2")).states())
        .containsExactly(State.NOT_IN_GIT, State.NOT_MIRRORED);
  }

  @Test
  void digestsOfOneList_areOne_othersDiffer() {
    TestImage image = push("acme/app", "1", "linux/amd64", "linux/arm64");
    git("prod", name("acme/app:1@" + image.digest()));
    String child = name("acme/app@" + image.children().getFirst().digest());
    String other = name("acme/app@sha256:" + "e".repeat(64));
    assertThat(
            only(take(false, pods("prod", name("acme/app:1"), child)), name("acme/app:1")).states())
        .containsExactly(State.NOT_MIRRORED);
    assertThat(
            only(take(false, pods("prod", name("acme/app:1"), other)), name("acme/app:1")).states())
        .containsExactly(State.DIGEST_DIFFERS, State.NOT_MIRRORED);
  }

  @Test
  void movedAndGone_areWhatTheSourceSays_anUnreachableOneIsUnjudged() {
    TestImage app = push("acme/app", "1", "linux/amd64");
    push("acme/moved", "1", "linux/amd64");
    TestImage far = push("acme/far", "1", "linux/amd64");
    locked(name("acme/app:1"), app.digest(), name("mirror/app:1"), "linux/amd64");
    locked(name("acme/moved:1"), "sha256:" + "d".repeat(64), name("mirror/moved:1"), "linux/amd64");
    locked(name("acme/gone:1"), app.digest(), name("mirror/gone:1"), "linux/amd64");
    locked(name("acme/far:1"), far.digest(), name("mirror/far:1"), "linux/amd64");
    registry.on("HEAD", "/v2/acme/far/.*").answer(500);
    git(
        "prod",
        name("mirror/app:1"),
        name("mirror/moved:1"),
        name("mirror/gone:1"),
        name("mirror/far:1"));
    InventoryReport report = take(false);
    assertThat(only(report, name("mirror/app:1")).states()).isEmpty();
    assertThat(only(report, name("mirror/moved:1")).states()).containsExactly(State.MOVED);
    assertThat(only(report, name("mirror/gone:1")).states()).containsExactly(State.GONE);
    assertThat(only(report, name("mirror/far:1")).states()).isEmpty();
    assertThat(report.unjudged().stream().map(InventoryReport.Unjudged::reference))
        .containsExactly(name("mirror/far:1"));
  }

  @Test
  void platformThatATargetNeeds() {
    push("acme/one", "1", "linux/amd64");
    git("prod", name("acme/one:1"));
    assertThat(only(take(false), name("acme/one:1")).states()).containsExactly(State.NOT_MIRRORED);
    git("local", name("acme/one:1"));
    assertThat(only(take(false), name("acme/one:1")).states())
        .containsExactly(State.NOT_MIRRORED, State.PLATFORM_MISSING);
  }

  @Test
  void offline_theLockSpeaks_theRestIsUnjudged() {
    locked(
        "docker.io/library/redis:7",
        "sha256:" + "a".repeat(64),
        "ghcr.io/acme/mirror/redis:7",
        "linux/amd64");
    git("local", "redis:7");
    InventoryReport report = take(true);
    assertThat(only(report, "docker.io/library/redis:7").states())
        .containsExactly(State.PLATFORM_MISSING, State.DOCKER_HUB);
    assertThat(report.unjudged()).hasSize(1);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void whatRunsAndThePolicyDenies() {
    String denied = "sha256:" + "e".repeat(64);
    tree.file(
        "policy.yaml",
        "minAge: 0s\ndeny: [{ digest: \"%s\", reason: poisoned }]\n".formatted(denied));
    Policy policy =
        new SpecLoader(name -> null).load(tree.root().resolve("policy.yaml"), PolicyReader::read);
    InventoryReport report =
        take(
            true,
            Optional.of(policy),
            pods("prod", "quay.io/acme/app:1", "quay.io/acme/app@" + denied));
    assertThat(only(report, "quay.io/acme/app:1").states()).contains(State.DENIED);
  }
}
