package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ProxySpecReader;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What lies in {@code deploy/}: manifests, units and scripts fit each other and the program. */
@Timeout(200)
class DeployTest {

  static final Path DEPLOY = Path.of("../deploy").toAbsolutePath().normalize();

  private final Path folder;

  record Run(int exit, String output) {}

  DeployTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void everyFile_parses() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(DEPLOY)) {
      files =
          all.filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
              .filter(Files::isRegularFile)
              .toList();
    }
    assertThat(files).hasSizeGreaterThan(20);
    for (Path file : files) {
      assertThat(yaml(Files.readString(file))).as(file.toString()).isNotEmpty();
      if (file.toString().endsWith(".json")) {
        assertThat(JsonMapper.shared().readTree(Files.readString(file)).isObject()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "cloud"})
  void overlay_runsRestricted_withAConfigurationThatTheServerTakes(String overlay)
      throws Exception {
    List<JsonNode> objects = yaml(built(overlay));
    JsonNode pod = of(objects, "StatefulSet").at("/spec/template/spec");
    JsonNode container = pod.at("/containers/0");
    JsonNode volumes = pod.get("volumes");

    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asString())
        .isEqualTo("RuntimeDefault");
    assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(container.at("/securityContext/capabilities/drop/0").asString()).isEqualTo("ALL");
    assertThat(container.at("/livenessProbe/httpGet/path").asString()).isEqualTo("/livez");
    assertThat(container.at("/readinessProbe/httpGet/path").asString()).isEqualTo("/readyz");

    JsonNode config =
        objects.stream()
            .filter(object -> object.path("kind").asString().equals("ConfigMap"))
            .filter(object -> object.path("data").has("proxy.yaml"))
            .findFirst()
            .orElseThrow();
    assertThat(volumes.valueStream().map(volume -> volume.at("/configMap/name").asString("")))
        .contains(config.at("/metadata/name").asString());
    ProxySpec spec = load(config.at("/data/proxy.yaml").asString());
    // serve refuses to start otherwise.
    assertThat(spec.anonymous() || spec.htpasswd() != null).isTrue();
    assertThat(spec.listen())
        .isEqualTo("0.0.0.0:" + container.at("/ports/0/containerPort").asInt());
    assertThat(container.at("/livenessProbe/httpGet/scheme").asString("HTTP"))
        .isEqualTo(spec.certificate() == null ? "HTTP" : "HTTPS");
    List<String> mounted =
        container
            .get("volumeMounts")
            .valueStream()
            .map(at -> at.path("mountPath").asString())
            .toList();
    assertThat(mounted).contains("/tmp");
    Stream.of(spec.cacheDirectory(), spec.certificate(), spec.key(), spec.htpasswd())
        .filter(path -> path != null)
        .forEach(path -> assertThat(mounted).anyMatch(path.toString()::startsWith));
    assertThat(container.at("/args/2").asString()).isEqualTo("/etc/entrepot/proxy.yaml");
    assertThat(
            gibibytes(
                of(objects, "StatefulSet")
                    .at("/spec/volumeClaimTemplates/0/spec/resources/requests/storage")
                    .asString()))
        .isGreaterThanOrEqualTo(spec.maxSize().bytes() * 5 / 4);
  }

  @Test
  void onlyTheCloudNeedsPrometheusOperator() throws Exception {
    assertThat(kinds("local"))
        .contains("NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet")
        .doesNotContain("ServiceMonitor", "PrometheusRule");
    assertThat(kinds("cloud"))
        .containsAll(kinds("local"))
        .contains("ServiceMonitor", "PrometheusRule");
    assertThat(built("local")).contains("amd64", "arm64");
    assertThat(of(yaml(built("cloud")), "StatefulSet").at("/spec/template/spec/nodeSelector"))
        .isEqualTo(
            JsonMapper.shared()
                .valueToTree(Map.of("kubernetes.io/os", "linux", "kubernetes.io/arch", "amd64")));
  }

  @Test
  void ourOwnGate_passesBothOverlays() throws Exception {
    Path kustomize = kustomize();
    copy(DEPLOY, folder.resolve("deploy"));
    Entrepot entrepot = Entrepot.in(folder).with("KUSTOMIZE", kustomize.toString());

    Entrepot.Outcome offline =
        entrepot.run(
            "check", "--offline", "-c", "deploy/kubernetes/check.yaml", "--output", "json");

    assertThat(offline.exit()).as(offline.all()).isEqualTo(4);
    assertThat(offline.json().get("findings")).as(offline.all()).isEmpty();
    assertThat(offline.json().get("unjudged").valueStream().map(it -> it.get("rule").asString()))
        .containsOnly("not-found", "platform-missing");

    try (TestRegistry registry = TestRegistry.start()) {
      SampleImage.twoPlatforms(registry, "ameideio/entrepot", "0.1.0");
      Path check = folder.resolve("deploy/kubernetes/check.yaml");
      Files.writeString(
          check,
          Files.readString(check)
              + "registries: { ghcr.io: { endpoints: [\"%s\"] } }\n".formatted(registry.origin()));
      Entrepot.Outcome asked = entrepot.run("check", "-c", "deploy/kubernetes/check.yaml");
      assertThat(asked.exit()).as(asked.all()).isZero();
    }
  }

  @Test
  void unit_isHardened_andItsConfigurationLoads() throws Exception {
    String unit = Files.readString(DEPLOY.resolve("systemd/entrepot.service"));
    Path proxy = DEPLOY.resolve("systemd/proxy.yaml");
    ProxySpec spec = ProxySpecReader.load(new SpecLoader(name -> null), proxy);
    assertThat(unit)
        .contains("DynamicUser=yes", "\nCacheDirectory=entrepot\n", "ProtectSystem=strict")
        .contains(
            "NoNewPrivileges=yes", "\nCapabilityBoundingSet=\n", "RestartPreventExitStatus=2");
    assertThat(spec.cacheDirectory()).isEqualTo(Path.of("/var/cache/entrepot"));
    assertThat(spec.listen()).isEqualTo("127.0.0.1:5000");

    // What is commented out is as right as what is not.
    String everything =
        Files.readString(proxy)
            .replaceFirst("(?m)^ {2}docker\\.io: \\{}\\n", "")
            .replaceAll("(?m)^( *)# ( *[a-z-])", "$1$2");
    ProxySpec whole =
        ProxySpecReader.load(
            new SpecLoader(
                Map.of(
                        "CREDENTIALS_DIRECTORY", "/run/credentials/entrepot.service",
                        "DOCKERHUB_USERNAME", "robot",
                        "DOCKERHUB_TOKEN", "secret",
                        "GITHUB_HOOK_SECRET", "hook-secret")
                    ::get),
            Files.writeString(folder.resolve("proxy.yaml"), everything));
    assertThat(whole.htpasswd()).isEqualTo(Path.of("/run/credentials/entrepot.service/users"));
    assertThat(whole.certificate()).isNotNull();
    assertThat(whole.access()).hasSize(2);
  }

  @Test
  void unit_isAcceptedBySystemd() throws Exception {
    Path systemd = program("systemd-analyze");
    Path copy =
        Files.writeString(
            folder.resolve("entrepot.service"),
            Files.readString(DEPLOY.resolve("systemd/entrepot.service"))
                .replace("/opt/entrepot/bin/entrepot", "/bin/true"));
    Run verified = run(Map.of(), systemd.toString(), "verify", copy.toString());
    assertThat(verified.exit()).as(verified.output()).isZero();
    assertThat(verified.output()).doesNotContain("entrepot.service:");
    Run judged =
        run(
            Map.of(),
            systemd.toString(),
            "security",
            "--offline=true",
            "--threshold=20",
            "--no-pager",
            copy.toString());
    assertThat(judged.exit()).as(judged.output()).isZero();
  }

  @Test
  void k3dScript_prints_whatDeployHolds() throws Exception {
    Run printed = k3d("print");
    assertThat(printed.exit()).as(printed.output()).isZero();
    assertThat(printed.output()).isEqualTo(Files.readString(DEPLOY.resolve("k3d/k3d.yaml")));
    JsonNode strict = yaml(printed.output()).getFirst().at("/options/k3s/extraArgs/0");
    assertThat(strict.at("/arg").asString()).isEqualTo("--disable-default-registry-endpoint");
    // k3s knows the flag for each node by itself; a filter that fits no node is none to k3d.
    assertThat(strict.at("/nodeFilters").valueStream().map(JsonNode::asString))
        .containsExactly("server:*", "agent:*");
    JsonNode relaxed = yaml(k3d("print", "--fallback").output()).getFirst();
    assertThat(relaxed.has("options")).isFalse();
    assertThat(relaxed.at("/registries/config").asString()).contains("\"docker.io\":");
  }

  @Test
  void k3dScript_dryRun_changesNothing_andIsAScriptItself() throws Exception {
    fakes("other", true);

    Run made = k3d("up", "--dry-run", "--port", "5001");
    assertThat(made.exit()).as(made.output()).isZero();
    assertThat(made.output())
        .contains("cat >k3d.yaml <<'END'\n", "http://host.k3d.internal:5001")
        .contains("\nk3d cluster create entrepot --config ./k3d.yaml\n");
    Run joined = k3d("-n", "join", "dev");
    assertThat(joined.output())
        .contains("docker cp ./registries.yaml k3d-dev-server-0:/etc/rancher/k3s/registries.yaml")
        .contains("k3d cluster stop dev\nk3d cluster start dev\n");
    Path script = Files.writeString(folder.resolve("dry.sh"), joined.output());
    assertThat(run(Map.of(), "bash", "-n", script.toString()).exit()).isZero();
    assertThat(calls()).allMatch(call -> call.startsWith("k3d cluster list "));
  }

  @Test
  void k3dScript_newCluster_isMadeFromTheFile() throws Exception {
    fakes("other", true);

    Run run = k3d("up", "dev");

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(calls())
        .anyMatch(call -> call.matches("k3d cluster create dev --config /.*/k3d.yaml"))
        .contains(
            "docker exec k3d-dev-server-0 wget -q -T 5 -O /dev/null"
                + " http://host.k3d.internal:5000/livez")
        .noneMatch(call -> call.startsWith("docker cp"));
  }

  @Test
  void k3dScript_clusterThatIsThere_isJoined_everyNode() throws Exception {
    fakes("dev", true);

    Run run = k3d("up", "dev");

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(calls())
        .noneMatch(call -> call.contains("cluster create"))
        .containsSubsequence(
            "docker start k3d-dev-server-0", "k3d cluster stop dev", "k3d cluster start dev");
    for (String node : List.of("k3d-dev-server-0", "k3d-dev-agent-0")) {
      assertThat(calls())
          .anyMatch(
              call -> call.matches("docker cp /.* " + node + ":/etc/rancher/k3s/registries.yaml"))
          .anyMatch(
              call ->
                  call.matches(
                      "docker cp /.* "
                          + node
                          + ":/etc/rancher/k3s/config.yaml.d/50-entrepot.yaml"));
    }
    assertThat(Files.readString(folder.resolve("copied")))
        .contains("\"docker.io\":", "disable-default-registry-endpoint: true");
  }

  @Test
  void k3dScript_proxyThatNodesDoNotReach_isSaid() throws Exception {
    fakes("dev", false);
    Run run = k3d("join", "dev");
    assertThat(run.exit()).as(run.output()).isEqualTo(1);
    assertThat(run.output())
        .contains("does not reach http://host.k3d.internal:5000", "--listen 0.0.0.0:5000");
    Run unknown = k3d("join", "nowhere");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.output()).contains("no k3d cluster 'nowhere'");
    assertThat(k3d("up", "Not_A_Name").exit()).isEqualTo(2);
    assertThat(k3d("frob").output()).contains("there are up, join and print");
    assertThat(k3d().output()).contains("entrepot-k3d join CLUSTER");
  }

  /** Programs that note how they were called: one cluster of two nodes is there. */
  private void fakes(String cluster, boolean reachable) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    String note = "printf '%s\\n' \"${0##*/} $*\" >>'" + folder.resolve("calls") + "'\n";
    program(
        bin.resolve("k3d"),
        note + "[ \"$1 $2\" != 'cluster list' ] || [ \"$3\" = " + cluster + " ]\n");
    program(
        bin.resolve("docker"),
        note
            + """
            case "$1 $*" in
              ps*role=server*) echo k3d-%1$s-server-0 ;;
              ps*role=agent*) echo k3d-%1$s-agent-0 ;;
              cp*) cat "$2" >>'%2$s' ;;
              exec*wget*) %3$s ;;
            esac
            """
                .formatted(cluster, folder.resolve("copied"), reachable));
    // The proxy is there; whether nodes reach it is another question.
    program(bin.resolve("curl"), "exit 0\n");
  }

  private List<String> calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private Run k3d(String... words) throws IOException, InterruptedException {
    Path program = folder.resolve("program");
    program(
        program,
        Entrepot.command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "exec ", " \"$@\"\n")));
    return run(
        Map.of(
            "ENTREPOT",
            program.toString(),
            "PATH",
            folder.resolve("bin") + ":" + System.getenv("PATH")),
        Stream.concat(
                Stream.of("bash", DEPLOY.resolve("k3d/entrepot-k3d").toString()), Stream.of(words))
            .toArray(String[]::new));
  }

  private static void program(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("HOME", folder.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + List.of(command));
    }
    return new Run(process.exitValue(), Files.readString(output, UTF_8));
  }

  private List<String> kinds(String overlay) throws Exception {
    return yaml(built(overlay)).stream().map(object -> object.path("kind").asString()).toList();
  }

  private String built(String overlay) throws IOException, InterruptedException {
    Run run =
        run(
            Map.of(),
            kustomize().toString(),
            "build",
            DEPLOY.resolve("kubernetes/overlays/" + overlay).toString());
    assertThat(run.exit()).as(run.output()).isZero();
    return run.output();
  }

  private static Path kustomize() {
    Optional<Path> found = GitOpsTree.program("kustomize");
    Assumptions.assumeTrue(
        found.isPresent(), "kustomize is not installed: tests/interop/run --install");
    return found.get();
  }

  static Path program(String name) {
    Optional<Path> found = GitOpsTree.program(name);
    Assumptions.assumeTrue(found.isPresent(), name + " is not installed");
    return found.get();
  }

  private ProxySpec load(String text) throws IOException {
    return ProxySpecReader.load(
        new SpecLoader(name -> null), Files.writeString(folder.resolve("loaded.yaml"), text));
  }

  private static long gibibytes(String quantity) {
    assertThat(quantity).endsWith("Gi");
    return Long.parseLong(quantity.substring(0, quantity.length() - 2)) << 30;
  }

  @Test
  void kubeletsProvider_isACommand_andSendsNoTokenBeyondItsImages() throws Exception {
    JsonNode provider =
        yaml(Files.readString(DEPLOY.resolve("kubernetes/kubelet/credential-provider.yaml")))
            .getFirst()
            .at("/providers/0");
    List<String> arguments = provider.get("args").valueStream().map(JsonNode::asString).toList();
    assertThat(arguments.getFirst()).isEqualTo("credential-provider");
    assertThat(arguments.subList(1, arguments.size()))
        .isEqualTo(provider.get("matchImages").valueStream().map(JsonNode::asString).toList());
    assertThat(provider.path("apiVersion").asString())
        .isEqualTo("credentialprovider.kubelet.k8s.io/v1");
    assertThat(provider.at("/tokenAttributes/serviceAccountTokenAudience").asString()).isNotEmpty();
  }

  private static JsonNode of(List<JsonNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asString().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  static List<JsonNode> yaml(String text) {
    List<JsonNode> documents = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      documents.add(JsonMapper.shared().valueToTree(document));
    }
    return documents;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      all.forEach(
          file -> {
            try {
              Files.copy(file, to.resolve(from.relativize(file).toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
