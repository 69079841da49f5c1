package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static io.entrepot.gate.GateTree.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule that needs no registry: what it refuses, what it lets pass, and a waiver. */
class RulesTest {

  private static final String CHECK =
      """
      targets:
        dev: { platforms: [linux/amd64], render: [{ manifests: ["rendered/**/*.yaml"] }] }
      pullPolicy: IfNotPresent
      private: ["ghcr.io/acme/*"]
      """;

  private static final String GOOD = "quay.io/acme/app:1.2.3@" + DIGEST;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  private static String deployment(String image) {
    return deployment(image, "");
  }

  private static String deployment(String image, String more) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: apps }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers:
                - name: web
                  image: %s
        %s"""
        .formatted(image, more.indent(10));
  }

  private static String job(String script) {
    return """
        apiVersion: batch/v1
        kind: Job
        metadata: { name: setup, namespace: apps }
        spec:
          template:
            spec:
              containers:
                - name: setup
                  image: %s
                  command: ["sh", "-c"]
                  args:
                    - |
        %s"""
        .formatted(GOOD, script.indent(14));
  }

  private static String configMap(String text) {
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: apps }
        data:
          app.conf: |
        %s"""
        .formatted(text.indent(4));
  }

  private static String daemonSet(String name, String more) {
    return """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: %s, namespace: %s }
        spec:
          selector: { matchLabels: { app: x } }
          template:
            metadata: { labels: { app: x } }
            spec:
              %s
              containers:
                - name: x
                  image: %s
                  ports: [{ containerPort: 9100, hostPort: 9100 }]
        """
        .formatted(name, name, more, GOOD);
  }

  private static String externalSecret(String kind) {
    return """
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: { name: pull, namespace: apps }
        spec:
          secretStoreRef: { name: vault, kind: %s }
          target: { name: ghcr-pull }
        """
        .formatted(kind);
  }

  private static String store(String kind, String namespace) {
    return """
        apiVersion: external-secrets.io/v1
        kind: %s
        metadata: { name: vault%s }
        """
        .formatted(kind, namespace.isEmpty() ? "" : ", namespace: " + namespace);
  }

  private static String and(String... documents) {
    return String.join("\n---\n", documents);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        broken(Rule.DOCKER_HUB, deployment("redis:7@" + DIGEST), "docker.io/library/redis"),
        broken(Rule.DOCKER_HUB, deployment("docker.io/grafana/grafana@" + DIGEST), "Docker Hub"),
        broken(Rule.DOCKER_HUB, deployment("index.docker.io/a/b@" + DIGEST), "docker.io/a/b"),
        broken(Rule.UNPINNED, deployment("quay.io/acme/app:1.2.3"), "tag alone"),
        broken(Rule.UNPINNED, deployment("quay.io/acme/app"), "means latest"),
        broken(Rule.FLOATING_TAG, deployment("quay.io/acme/app:main@" + DIGEST), "'main' moves"),
        broken(Rule.FLOATING_TAG, deployment("quay.io/acme/app:latest"), "'latest' moves"),
        broken(
            Rule.TAG_IN_LABEL,
            deployment(GOOD)
                .replace("name: web,", "labels: { version: 'v1@" + DIGEST + "' }, name: web,"),
            "version"),
        broken(Rule.PULL_POLICY, deployment(GOOD, "imagePullPolicy: Always"), "Always"),
        broken(Rule.PULL_POLICY, deployment("quay.io/acme/app:latest"), "means Always"),
        broken(Rule.PULL_POLICY, deployment("quay.io/acme/app:latest@" + DIGEST), "means Always"),
        broken(Rule.IMAGE_MISSING, deployment("\"\""), "has no image"),
        broken(Rule.IMAGE_MISSING, deployment("\":1.2\""), "without a repository"),
        broken(Rule.IMAGE_MISSING, deployment("\"quay.io/acme/app:\""), "is empty"),
        broken(
            Rule.HOST_PORT_COLLISION,
            and(daemonSet("one", ""), daemonSet("two", "")),
            "DaemonSet/one/one"),
        broken(
            Rule.HOST_PORT_COLLISION,
            and(
                daemonSet("one", ""),
                daemonSet("two", "hostNetwork: true").replace(", hostPort: 9100", "")),
            "9100/TCP"),
        broken(Rule.SECRET_STORE_MISSING, externalSecret("SecretStore"), "no SecretStore 'vault'"),
        broken(
            Rule.SECRET_STORE_MISSING,
            and(externalSecret("SecretStore"), store("SecretStore", "other")),
            "namespace apps"),
        broken(
            Rule.SECRET_STORE_MISSING,
            externalSecret("ClusterSecretStore"),
            "no ClusterSecretStore"),
        broken(
            Rule.PULL_SECRET_MISSING,
            deployment("ghcr.io/acme/mirror/app@" + DIGEST),
            "neither the pod nor its service account"),
        broken(
            Rule.PULL_SECRET_MISSING,
            deployment("ghcr.io/acme/app@" + DIGEST)
                .replace(
                    "spec:\n      containers",
                    "spec:\n      imagePullSecrets: [{ name: ghcr-pull }]\n      containers"),
            "not in the namespace apps"),
        broken(Rule.EMPTY_HOST, configMap("issuer = https://auth./realms/acme"), "auth./realms"),
        broken(Rule.EMPTY_HOST, configMap("url: https:///x"), "https:///x"),
        broken(Rule.EMPTY_HOST, configMap("url: http:///auth"), "http:///auth"),
        broken(Rule.EMPTY_HOST, configMap("url: HTTPS:///auth"), "HTTPS:///auth"),
        broken(
            Rule.EMPTY_HOST,
            deployment(GOOD, "env: [{ name: API, value: \"http://:8080\" }]"),
            "variable API"),
        broken(
            Rule.EMPTY_HOST,
            deployment(GOOD, "args: [\"--issuer=https://.example.org/\"]"),
            "argument of web"),
        broken(
            Rule.EMPTY_HOST,
            deployment(GOOD, "env: [{ name: DB, value: \"postgres://user:pw@:5432/db\" }]"),
            "variable DB"),
        broken(Rule.RUNTIME_DOWNLOAD, job("apt-get update && apt-get install -y jq"), "apt-get"),
        broken(Rule.RUNTIME_DOWNLOAD, job("apk add --no-cache curl"), "apk"),
        broken(Rule.RUNTIME_DOWNLOAD, job("pip install kubernetes"), "pip install"),
        broken(
            Rule.RUNTIME_DOWNLOAD,
            job(
                "curl -fsSLo /tmp/kubectl \\\n  https://dl.k8s.io/release/v1.33.0/bin/linux/amd64/kubectl"),
            "curl"),
        broken(
            Rule.RUNTIME_DOWNLOAD,
            job("URL=https://get.helm.sh/helm.tar.gz\ncurl -sSL \"$URL\" | tar xz"),
            "curl"),
        broken(Rule.RUNTIME_DOWNLOAD, job("wget https://example.org/tool"), "wget"),
        broken(
            Rule.RUNTIME_DOWNLOAD,
            job("kubectl apply -f https://example.org/crds.yaml"),
            "https://example.org/crds.yaml"),
        broken(
            Rule.RUNTIME_DOWNLOAD,
            deployment(GOOD)
                .replace(
                    "containers:",
                    "initContainers:\n        - { name: fetch, image: '%s', command: [sh, -c, npm install -g x] }\n      containers:"
                        .formatted(GOOD)),
            "init container 'fetch'"));
  }

  private static Arguments broken(Rule rule, String manifest, String message) {
    return Arguments.of(rule, manifest, message);
  }

  @ParameterizedTest
  @MethodSource("broken")
  void breakingObject_isRefusedWithItsPlace(Rule rule, String manifest, String message) {
    tree.file("rendered/app.yaml", manifest);
    List<Finding> findings = GateTree.of(tree.offline(CHECK), rule);
    assertThat(findings).hasSize(1);
    Finding finding = findings.getFirst();
    assertThat(finding.message()).contains(message);
    assertThat(finding.file()).isEqualTo("rendered/app.yaml");
    assertThat(finding.line()).isPositive();
    assertThat(finding.object()).isNotNull();
    assertThat(finding.remedy()).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void waivedObject_isNamedWithItsReason(Rule rule, String manifest, String message) {
    tree.file("rendered/app.yaml", manifest);
    GateReport report =
        tree.offline(
            CHECK + "allow: [{ rule: %s, target: dev, reason: known }]\n".formatted(rule.id()));
    assertThat(GateTree.of(report, rule)).isEmpty();
    assertThat(GateTree.waived(report, rule)).hasSize(1);
    assertThat(report.waived().getFirst().reason()).isEqualTo("known");
    assertThat(report.unusedWaivers()).isEmpty();
    assertThat(message).isNotEmpty();
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(Rule.DOCKER_HUB, deployment("mirror.gcr.io/library/redis:7@" + DIGEST)),
        sound(Rule.UNPINNED, deployment(GOOD)),
        sound(Rule.UNPINNED, deployment("quay.io/acme/app@" + DIGEST)),
        sound(Rule.FLOATING_TAG, deployment("quay.io/acme/app:main-4f2a1b@" + DIGEST)),
        sound(
            Rule.TAG_IN_LABEL,
            deployment(GOOD).replace("name: web,", "labels: { version: v1.11.3 }, name: web,")),
        sound(
            Rule.TAG_IN_LABEL,
            deployment(GOOD)
                .replace("name: web,", "annotations: { image: '" + GOOD + "' }, name: web,")),
        sound(Rule.PULL_POLICY, deployment(GOOD)),
        sound(Rule.PULL_POLICY, deployment(GOOD, "imagePullPolicy: IfNotPresent")),
        sound(Rule.IMAGE_MISSING, deployment(GOOD)),
        sound(
            Rule.HOST_PORT_COLLISION,
            and(
                daemonSet("one", ""),
                daemonSet("two", "").replace("hostPort: 9100", "hostPort: 9101"))),
        sound(
            Rule.HOST_PORT_COLLISION,
            and(
                daemonSet("one", "nodeSelector: { pool: a }"),
                daemonSet("two", "nodeSelector: { pool: b }"))),
        sound(
            Rule.HOST_PORT_COLLISION,
            and(
                daemonSet("one", ""),
                daemonSet("two", "").replace("hostPort: 9100", "hostPort: 9100, protocol: UDP"))),
        sound(
            Rule.SECRET_STORE_MISSING,
            and(externalSecret("SecretStore"), store("SecretStore", "apps"))),
        sound(
            Rule.SECRET_STORE_MISSING,
            and(externalSecret("ClusterSecretStore"), store("ClusterSecretStore", ""))),
        sound(
            Rule.PULL_SECRET_MISSING,
            and(
                deployment("ghcr.io/acme/app@" + DIGEST)
                    .replace(
                        "spec:\n      containers",
                        "spec:\n      imagePullSecrets: [{ name: ghcr-pull }]\n      containers"),
                externalSecret("SecretStore"))),
        sound(
            Rule.PULL_SECRET_MISSING,
            and(
                deployment("ghcr.io/acme/app@" + DIGEST),
                "{ apiVersion: v1, kind: Secret, metadata: { name: s, namespace: apps } }",
                "{ apiVersion: v1, kind: ServiceAccount, metadata: { name: default, namespace: apps }, imagePullSecrets: [{ name: s }] }")),
        sound(Rule.PULL_SECRET_MISSING, deployment("ghcr.io/others/app@" + DIGEST)),
        sound(Rule.EMPTY_HOST, configMap("issuer = https://auth.example.org/realms/acme")),
        sound(Rule.EMPTY_HOST, configMap("url: http://loki.svc.cluster.local.:3100/x")),
        sound(
            Rule.EMPTY_HOST,
            configMap(
                "url: http://${HOST}:80\nother: https://$(HOST)/\nthird: https://{{ host }}/")),
        sound(Rule.EMPTY_HOST, configMap("if (url.startsWith(\"https://\")) {\n  # http:///x\n}")),
        sound(
            Rule.EMPTY_HOST,
            configMap("root: file:///etc/x\nroot_url = %(protocol)s://%(domain)s:%(http_port)s/")),
        sound(Rule.EMPTY_HOST, configMap("listen: http://0.0.0.0:80 http://[::]:80")),
        sound(
            Rule.RUNTIME_DOWNLOAD,
            job("until curl -fsS http://keycloak.apps.svc:8080/health; do sleep 1; done")),
        sound(Rule.RUNTIME_DOWNLOAD, job("curl -X POST https://hooks.example.org/services/x")),
        sound(Rule.RUNTIME_DOWNLOAD, job("# apt-get install jq\nkubectl apply -f /manifests")),
        sound(Rule.RUNTIME_DOWNLOAD, job("wget -qO- http://web:8080/ready")),
        sound(Rule.RUNTIME_DOWNLOAD, deployment(GOOD, "command: [sh, -c, \"pip install x\"]")));
  }

  private static Arguments sound(Rule rule, String manifest) {
    return Arguments.of(rule, manifest);
  }

  @ParameterizedTest
  @MethodSource("sound")
  void passingNeighbour_isNotRefused(Rule rule, String manifest) {
    tree.file("rendered/app.yaml", manifest);
    assertThat(GateTree.of(tree.offline(CHECK), rule)).isEmpty();
  }

  // ---- between entries and targets -----------------------------------------------------------

  private static final String TWO =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: ["local/**/*.yaml"] }] }
        dev: { platforms: [linux/amd64], render: [{ manifests: ["dev/**/*.yaml"] }] }
      """;

  @Test
  void oneImageWithTwoDigests_differsBetweenTargets() {
    tree.file("local/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    tree.file("dev/app.yaml", deployment("quay.io/acme/app@" + OTHER));
    List<Finding> findings = GateTree.of(tree.offline(TWO), Rule.TARGETS_DIFFER);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().message()).contains(DIGEST, OTHER, "local", "dev");
    assertThat(findings.getFirst().file()).isEqualTo("dev/app.yaml");
    GateReport waived =
        tree.offline(
            TWO + "allow: [{ rule: targets-differ, image: 'quay.io/acme/*', reason: trial }]\n");
    assertThat(GateTree.of(waived, Rule.TARGETS_DIFFER)).isEmpty();
    assertThat(GateTree.waived(waived, Rule.TARGETS_DIFFER)).hasSize(1);
  }

  @Test
  void oneMoreVersionInOneTarget_isNoDifference() {
    tree.file("local/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    tree.file("local/old.yaml", deployment("quay.io/acme/app@" + OTHER));
    tree.file("dev/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    assertThat(GateTree.of(tree.offline(TWO), Rule.TARGETS_DIFFER)).isEmpty();
  }

  private static final String ROLE =
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: %s }\n";

  @Test
  void oneClusterRoleFromTwoPlaces_collides() {
    tree.file("dev/a/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("dev/b/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/a.yaml", "{}");
    List<Finding> findings = GateTree.of(tree.offline(TWO), Rule.CLUSTER_SCOPE_COLLISION);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().message())
        .contains("ClusterRole/metrics-scraper", "dev/a/role.yaml");
    GateReport waived =
        tree.offline(
            TWO
                + "allow: [{ rule: cluster-scope-collision, object: ClusterRole/metrics-*, reason: x }]\n");
    assertThat(GateTree.waived(waived, Rule.CLUSTER_SCOPE_COLLISION)).hasSize(1);
  }

  @Test
  void oneClusterRoleInTwoClusters_doesNotCollide() {
    tree.file("dev/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/role.yaml", ROLE.formatted("metrics-scraper"));
    assertThat(GateTree.of(tree.offline(TWO), Rule.CLUSTER_SCOPE_COLLISION)).isEmpty();
    String shared = TWO.replace("platforms:", "cluster: aks, platforms:");
    assertThat(GateTree.of(tree.offline(shared), Rule.CLUSTER_SCOPE_COLLISION)).hasSize(1);
  }

  @Test
  void basesOfAKustomization_areNotTwoObjects() {
    tree.file("dev/base/kustomization.yaml", "resources: [role.yaml]\n");
    tree.file("dev/base/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("dev/overlay/kustomization.yaml", "patches: [{ path: role.yaml }]\n");
    tree.file("dev/overlay/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/a.yaml", "{}");
    assertThat(GateTree.of(tree.offline(TWO), Rule.CLUSTER_SCOPE_COLLISION)).isEmpty();
  }

  // ---- the lock ------------------------------------------------------------------------------

  private static final String LOCK =
      """
      version: 1
      images:
        docker.io/library/redis:7:
          digest: %s
          target: ghcr.io/acme/mirror/redis:7
          platforms: [linux/amd64]
      """
          .formatted(DIGEST);

  @Test
  void imageThatTheLockHolds_isMirrored() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis@" + DIGEST));
    GateReport report = tree.offline(CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, Rule.NOT_MIRRORED)).isEmpty();
    assertThat(report.unjudged()).isEmpty();
  }

  @Test
  void imageThatTheLockDoesNotHold_isRefused() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/other@" + DIGEST));
    GateReport report = tree.offline(CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, Rule.NOT_MIRRORED)).hasSize(1);
    assertThat(report.unjudged()).isNotEmpty();
    assertThat(report.passed()).isFalse();
  }

  @Test
  void imageThatIsBuiltHere_needNotBeInTheLock_copiesStillDo() {
    tree.file("images.lock.yaml", LOCK);
    String check = CHECK + "lock: images.lock.yaml\nfirstParty: ['ghcr.io/acme/*']\n";
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/shop:1@" + DIGEST));
    assertThat(GateTree.of(tree.offline(check), Rule.NOT_MIRRORED)).isEmpty();
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis:7@" + OTHER));
    assertThat(GateTree.of(tree.offline(check), Rule.NOT_MIRRORED)).hasSize(1);
  }

  @Test
  void anotherDigestThanTheLocks_isRefusedAndWaivable() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis:7@" + OTHER));
    GateReport report = tree.offline(CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, Rule.NOT_MIRRORED))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("another digest", DIGEST));
    GateReport waived =
        tree.offline(
            CHECK
                + "lock: images.lock.yaml\n"
                + "allow: [{ rule: not-mirrored, image: 'ghcr.io/acme/mirror/redis:7', reason: x }]\n");
    assertThat(GateTree.waived(waived, Rule.NOT_MIRRORED)).hasSize(1);
  }

  @Test
  void platformThatTheLockLacks_isMissingOffline() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis@" + DIGEST));
    GateReport report =
        tree.offline(
            CHECK.replace("[linux/amd64]", "[linux/amd64, linux/arm64]")
                + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, Rule.PLATFORM_MISSING))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("linux/arm64"));
  }

  // ---- values as they stand ------------------------------------------------------------------

  @Test
  void valuesFiles_areJudgedAsTheyStand() {
    tree.file(
        "values/env/dev/app.yaml",
        """
        image:
          repository: docker.io/grafana/grafana
          tag: main
          pullPolicy: Always
        other:
          image: { ref: "" }
        url: https:///x
        """);
    GateReport report =
        tree.paths(
            tree.spec("targets: { dev: { platforms: [linux/amd64] } }\npullPolicy: IfNotPresent\n"),
            tree.root().resolve("values"));
    assertThat(report.findings().stream().map(Finding::rule).distinct())
        .contains(
            Rule.DOCKER_HUB,
            Rule.UNPINNED,
            Rule.FLOATING_TAG,
            Rule.PULL_POLICY,
            Rule.IMAGE_MISSING,
            Rule.EMPTY_HOST);
    assertThat(report.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.file()).isEqualTo("values/env/dev/app.yaml");
              assertThat(finding.line()).isPositive();
            });
  }

  @Test
  void valuesOfOneEnvironment_areJudgedForItsTargetAlone() {
    tree.file("values/env/local/app.yaml", "image: { ref: quay.io/acme/app@" + DIGEST + " }\n");
    tree.file("values/env/dev/app.yaml", "image: { ref: quay.io/acme/app@" + OTHER + " }\n");
    tree.file("values/env/staging/app.yaml", "image: { ref: docker.io/acme/app@" + DIGEST + " }\n");
    GateReport report =
        tree.paths(
            tree.spec(
                "targets: { local: { platforms: [linux/arm64] }, dev: { platforms: [linux/amd64] } }"),
            tree.root().resolve("values"));
    assertThat(GateTree.of(report, Rule.TARGETS_DIFFER)).hasSize(1);
    assertThat(GateTree.of(report, Rule.DOCKER_HUB)).hasSize(2);
  }

  @Test
  void pathOutsideOfTheRoot_isJudgedUnderItsOwnName() throws Exception {
    tree.spec("targets: { dev: { platforms: [linux/amd64] } }");
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.writeString(other.resolve("app.yaml"), deployment("redis:7@" + DIGEST));
    GateReport report = tree.paths(CheckSpec.withoutFile(), other);
    assertThat(GateTree.of(report, Rule.DOCKER_HUB))
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("app.yaml"));
  }

  @Test
  void referenceGivenByAnotherLayer_isNotMissing() {
    tree.file("values/_shared/app.yaml", "image: { ref: \"\" }\n");
    tree.file("values/env/dev/app.yaml", "image: { ref: quay.io/acme/app@" + DIGEST + " }\n");
    GateReport report =
        tree.paths(
            tree.spec("targets: { dev: { platforms: [linux/amd64] } }"),
            tree.root().resolve("values"));
    assertThat(report.findings()).isEmpty();
  }

  @Test
  void imagesInOtherPlaces_areSeen() {
    tree.file(
        "rendered/app.yaml",
        and(
            deployment(GOOD, "args: [\"--config-reloader-image=quay.io/acme/reloader:1\"]"),
            "{ apiVersion: acme.io/v1, kind: Cache, metadata: { name: c }, spec: { image: quay.io/acme/cache:2 } }",
            configMap("sidecar:\n  image: quay.io/acme/side:3")));
    assertThat(GateTree.of(tree.offline(CHECK), Rule.UNPINNED).stream().map(Finding::image))
        .containsExactlyInAnyOrder(
            "quay.io/acme/reloader:1", "quay.io/acme/cache:2", "quay.io/acme/side:3");
  }

  // ---- the rest ------------------------------------------------------------------------------

  @Test
  void waiverThatAcceptsNothing_isReported() {
    tree.file("rendered/app.yaml", deployment(GOOD));
    GateReport report =
        tree.offline(CHECK + "allow: [{ rule: docker-hub, image: 'x*', reason: y }]\n");
    assertThat(report.unusedWaivers()).singleElement().extracting(Waiver::image).isEqualTo("x*");
  }

  @Test
  void fileThatIsNoYaml_isRefusedWithItsLine() {
    tree.file("rendered/app.yaml", "a: b\n c: [\n");
    assertThat(GateTree.of(tree.offline(CHECK), Rule.RENDER))
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("rendered/app.yaml"));
  }

  @Test
  void patternThatFitsNothing_isRefused() {
    assertThat(GateTree.of(tree.offline(CHECK), Rule.RENDER))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("rendered/**/*.yaml");
              assertThat(finding.file()).isEqualTo("check.yaml");
              assertThat(finding.line()).isEqualTo(2);
            });
  }

  @Test
  void objectThatDoesNotFitItsSchema_isRefused() {
    tree.file(
        "schemas/cache-acme-v1.json",
        """
        { "$schema": "http://json-schema.org/schema#", "type": "object",
          "properties": { "spec": { "type": "object",
            "properties": { "clusterSize": { "type": "string" } } } } }
        """);
    String cache =
        "apiVersion: acme.io/v1\nkind: Cache\nmetadata: { name: c }\nspec:\n  clusterSize: %s\n";
    tree.file("rendered/app.yaml", cache.formatted("1"));
    assertThat(GateTree.of(tree.offline(CHECK + "schemas: [schemas/]\n"), Rule.SCHEMA))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("spec.clusterSize", "string");
              assertThat(finding.line()).isEqualTo(5);
            });
    GateReport waived =
        tree.offline(
            CHECK
                + "schemas: [schemas/]\nallow: [{ rule: schema, object: 'Cache/c', reason: x }]\n");
    assertThat(GateTree.waived(waived, Rule.SCHEMA)).hasSize(1);
    tree.file("rendered/app.yaml", cache.formatted("\"1\""));
    assertThat(GateTree.of(tree.offline(CHECK + "schemas: [schemas/]\n"), Rule.SCHEMA)).isEmpty();
  }

  @Test
  void imageThatIsFilledInLater_isNotJudged() {
    tree.file("rendered/a.yaml", deployment("\"quay.io/acme/app:${tag}\""));
    GateReport report = tree.offline(CHECK);
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged())
        .singleElement()
        .matches(left -> left.rule() == Rule.IMAGE_MISSING)
        .matches(left -> left.what().contains("quay.io/acme/app:${tag}"))
        .matches(left -> left.what().contains("rendered/a.yaml"));
  }

  @Test
  void schemasThatFitNoObject_leaveTheRuleUnjudged() {
    tree.file("schemas/other-acme-v1.json", "{}");
    tree.file("rendered/app.yaml", deployment(GOOD));
    assertThat(tree.offline(CHECK + "schemas: [schemas/]\n").unjudged())
        .anySatisfy(left -> assertThat(left.rule()).isEqualTo(Rule.SCHEMA));
  }
}
