package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.testing.Gate;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The commands inside this process, against a scripted registry. */
class CommandsTest {

  private final Map<String, String> environment = new HashMap<>();

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private TestRegistry registry;

  @SuppressWarnings("NullAway.Init")
  private TestRegistry target;

  @BeforeEach
  void start() {
    registry = TestRegistry.start();
    target = TestRegistry.start();
  }

  @AfterEach
  void stop() {
    registry.close();
    target.close();
  }

  @Test
  void digest_isThatOfTheListAndCostsNoPull() {
    Digest digest = list("acme/tool", "1", "amd64", "arm64");

    Run outcome = run("digest", image("acme/tool:1"));

    assertThat(outcome).isEqualTo(new Run(0, digest + "\n", ""));
    assertThat(registry.count("GET manifest")).isZero();
  }

  @Test
  void serve_whereAnotherListens_saysSoAndWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run outcome =
          run("serve", "--listen", "127.0.0.1:" + taken.getLocalPort(), "--cache", "store");
      assertThat(outcome.code()).isEqualTo(2);
      assertThat(outcome.err())
          .startsWith("error: cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("--listen takes another");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--anonymous=false"})
  void serve_forStrangersWithoutSayingSo_isRefusedAndTouchesNothing(String option) {
    Run outcome = run(("serve --listen 0.0.0.0:0 --cache store " + option).strip().split(" ", -1));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("lets everybody who reaches it pull and push");
    assertThat(folder.resolve("store")).doesNotExist();
  }

  @Test
  void option_setToFalse_isAsIfItWereNotThere() {
    assertThat(run("completion", "--man=false", "bash").code()).isZero();
    Run mirror = run("mirror", "--dry-run=false", "--check", "-c", "none.yaml");
    assertThat(mirror.err()).contains("none.yaml").doesNotContain("exclude each other");
    Run check = run("check", "--offline=false", "--online");
    assertThat(check.err()).contains("no check.yaml here").doesNotContain("contradict");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void serve_withSecretsThatEverybodyMayRead_warnsOfEachFile() throws IOException {
    Files.writeString(folder.resolve("cert.pem"), "a certificate");
    Files.writeString(folder.resolve("key.pem"), "a secret key");
    Files.writeString(folder.resolve("users"), "ann:hunter2");
    Files.writeString(
        folder.resolve("proxy.yaml"),
        "tls: { certificate: cert.pem, key: key.pem }\nusers: users\n");
    for (String each : List.of("cert.pem", "key.pem", "users")) {
      Files.setPosixFilePermissions(
          folder.resolve(each), PosixFilePermissions.fromString("rw-r--r--"));
    }
    Run outcome = run("serve", "-c", "proxy.yaml", "--cache", "store");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err().lines().filter(line -> line.startsWith("warning: ")))
        .satisfiesExactly(
            line -> assertThat(line).contains("key.pem holds the certificate's key"),
            line -> assertThat(line).contains("users holds the users' hashed passwords"));
    assertThat(outcome.err()).contains("htpasswd line 1").doesNotContain("hunter2");
  }

  @Test
  void digest_ofOneArchitecture_warns() {
    manifest("acme/tool", "1", "amd64");

    Run outcome = run("digest", image("acme/tool:1"));

    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).startsWith("warning: ").contains("is no manifest list");
  }

  @Test
  void digest_asJson() {
    Digest digest = list("acme/tool", "1", "amd64");
    JsonNode json = run("digest", image("acme/tool:1"), "--output", "json").json();
    assertThat(json.path("digest").asString()).isEqualTo(digest.toString());
    assertThat(json.path("list").asBoolean()).isTrue();
  }

  @Test
  void tags_oneALine() {
    list("acme/tool", "1", "amd64");
    list("acme/tool", "2", "arm64");

    assertThat(run("tags", image("acme/tool"))).isEqualTo(new Run(0, "1\n2\n", ""));
    assertThat(run("tags", image("acme/tool"), "-o", "json").json().path("tags")).hasSize(2);
  }

  @Test
  void inspect_showsPlatformsSizesAndReferrers() {
    Digest digest = list("acme/tool", "1", "amd64", "arm64");

    Run text = run("inspect", image("acme/tool:1"));
    JsonNode json = run("inspect", image("acme/tool:1"), "--output", "json").json();

    assertThat(text.code()).isZero();
    assertThat(text.out())
        .contains(
            digest.toString(), "manifest list, 2 images", "linux/amd64", "linux/arm64", "1 layer");
    assertThat(json.path("digest").asString()).isEqualTo(digest.toString());
    assertThat(json.at("/images/1/platform").asString()).isEqualTo("linux/arm64");
    assertThat(json.at("/images/1/size").asLong()).isPositive();
    assertThat(json.path("referrers").isArray()).isTrue();
  }

  @Test
  void verify_platformsThere_isOk() {
    list("acme/tool", "1", "amd64", "arm64");

    Run outcome =
        run("verify", image("acme/tool:1"), "--platform", "linux/arm64", "--output", "json");

    assertThat(outcome.code()).isZero();
    JsonNode verified = outcome.json().at("/images/0");
    assertThat(verified.path("ok").asBoolean()).isTrue();
    assertThat(verified.at("/platforms/0/platform").asString()).isEqualTo("linux/arm64");
    assertThat(verified.at("/platforms/0/present").asBoolean()).isTrue();
    assertThat(verified.at("/platforms/0/evidence").asString())
        .isEqualTo("entry, manifest, config");
    assertThat(verified.path("problems")).isEmpty();
  }

  @Test
  void verify_platformMissing_exitOneAndNamed() {
    list("acme/tool", "1", "amd64");

    Run outcome = run("verify", image("acme/tool:1"), "--platform", "linux/arm64");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("acme/tool:1", "linux/arm64", "no entry");
  }

  @Test
  void verify_oneImageAbsent_othersAreVerified() {
    list("acme/tool", "1", "amd64");

    Run outcome = run("verify", image("acme/none:1"), image("acme/tool:1"), "--output", "json");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.json().at("/images/0/ok").asBoolean()).isFalse();
    assertThat(outcome.json().at("/images/0/problems/0").asString()).contains("acme/none");
    assertThat(outcome.json().at("/images/1/ok").asBoolean()).isTrue();
  }

  @Test
  void verify_withoutAnyImage_takesTheLock() throws Exception {
    Digest digest = list("m/tool", "1", "amd64");
    Files.writeString(
        folder.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/acme/tool:1:
            digest: %s
            target: %s
            platforms: [linux/amd64]
        """
            .formatted(digest, image("m/tool:1")));

    Run outcome = run("verify", "--output", "json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.json().at("/images/0/digest").asString()).isEqualTo(digest.toString());
  }

  @Test
  void verify_nothingGivenAndNoLock_isAUsageError() {
    Run outcome = run("verify");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("nothing to verify");
  }

  @Test
  void verify_sourcesOfAMirrorFile() throws Exception {
    list("acme/tool", "1", "amd64", "arm64");
    Files.writeString(
        folder.resolve("mirror.yaml"),
        "target: other.example/m\nimages: ['%s']\n".formatted(image("acme/tool:1")));

    Run outcome = run("verify", "-c", "mirror.yaml", "--output", "json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.json().at("/images/0/platforms")).hasSize(2);
  }

  @Test
  void absentImage_namesRequestAndRemedy() {
    Run outcome = run("digest", image("acme/none:1"));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("error: ").contains("acme/none").doesNotContain("\tat ");
  }

  @Test
  void stackTraces_withVerboseOnly() {
    assertThat(run("digest", image("acme/none:1"), "--verbose").err()).contains("\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "digest, Missing required parameter: 'REF'",
    "digest A:b:c, not a",
    "tags r.io/a:1, expected a repository without tag",
    "verify a --platform amd64, not a platform",
    "digest a --output xml, not an output format: 'xml'",
    "digset a, did you mean digest",
    "mirror --jobs 0, --jobs takes 1 to 64",
    "mirror --dry-run --check, exclude each other",
    "mirror -c none.yaml, no such file",
    "copy a, Missing required parameter: 'TARGET'",
    "copy a a, source and target are the same",
  })
  void wrongCommandLine_exitTwo(String line, String expected) {
    Run outcome = run(line.split(" ", -1));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("error: ").contains(expected).doesNotContain("\tat ");
    assertThat(outcome.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mirror", "copy", "verify", "pin", "bump", "promote", "check", "inspect", "digest", "tags"
      })
  void help_hasExamples(String command) {
    Run outcome = run(command, "--help");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out())
        .contains("Usage: entrepot " + command, "Examples:", "--quiet", "--verbose");
    assertThat(run("--help").out()).contains("  " + command + " ");
  }

  @Test
  void pin_limitOfPullsUsedUp_endsWithFourAndSaysWhatToDo() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "image: " + image("acme/app:1") + "\n");
    registry
        .on("HEAD manifest")
        .answer(
            429, Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "0;w=21600"), "");
    Run outcome = run("pin", "a.yaml", "--resolve");
    assertThat(outcome.code()).as(outcome.all()).isEqualTo(4);
    assertThat(outcome.all()).contains("acme/app:1", "docker login");
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
    assertThat(folder.resolve("a.yaml")).content().doesNotContain("sha256");
  }

  private void mirrorFile(String... images) throws IOException {
    Files.writeString(
        folder.resolve("mirror.yaml"),
        "target: %s/copies\nimages: [%s]\n"
            .formatted(
                target.name(),
                Arrays.stream(images)
                    .map(name -> "\"" + image(name) + "\"")
                    .collect(Collectors.joining(", "))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror", "mirror --check", "mirror --dry-run"})
  void mirror_quotaUsedUpWhilePlanning_endsWithFour(String command) throws IOException {
    list("acme/app", "1", "amd64", "arm64");
    mirrorFile("acme/app:1");
    registry
        .on("HEAD manifest")
        .answer(
            429, Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "0;w=21600"), "");
    Run outcome = run(command.split(" ", -1));
    assertThat(outcome.code()).as(outcome.all()).isEqualTo(4);
    assertThat(outcome.all()).contains("acme/app:1");
  }

  @Test
  void mirror_interrupted_keepsWhatIsDoneInTheLock() throws Exception {
    Digest done = list("acme/app", "1", "amd64", "arm64");
    list("acme/slow", "1", "arm64", "amd64");
    mirrorFile("acme/app:1", "acme/slow:1");
    Gate gate = registry.on("GET", "/v2/acme/slow/manifests/").hold();
    List<Run> outcomes = new ArrayList<>();
    Thread command = Thread.ofVirtual().start(() -> outcomes.add(run("mirror", "--jobs", "1")));
    gate.awaitArrivals(1);
    command.interrupt();
    command.join();
    gate.open();
    assertThat(outcomes.getFirst().code()).as(outcomes.getFirst().all()).isEqualTo(4);
    assertThat(folder.resolve("images.lock.yaml"))
        .content()
        .contains(image("acme/app:1"), done.toString())
        .doesNotContain("acme/slow");
  }

  @Test
  void bump_patternThatFitsNothing_isNamed() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "image: redis:7\n");
    Run outcome = run("bump", "a.yaml", "--channel", "main", "--match", "redis");
    assertThat(outcome.code()).as(outcome.all()).isZero();
    assertThat(outcome.err()).contains("--match 'redis'", "docker.io/library/redis");
  }

  @Test
  void noCommand_showsHelpAndExitsTwo() {
    Run outcome = run();
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--help", "  mirror ", "Exit codes:");
  }

  @Test
  void help_ofACommandIsThatOfItsOption_andOfNoneIsTheList() {
    assertThat(run("help", "mirror")).isEqualTo(run("mirror", "--help"));
    assertThat(run("help")).isEqualTo(run("--help"));
    Run unknown = run("help", "mirrro");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("no such command: mirrro");
  }

  @Test
  void registriesOfAnyFile_sayHowTheyAreReached() throws IOException {
    Digest digest = list("acme/tool", "1", "amd64", "arm64");
    for (String kind : List.of("target: ghcr.io/acme/mirror", "listen: 127.0.0.1:1", "skip: []")) {
      Files.writeString(
          folder.resolve("any.yaml"),
          """
          %s
          registries:
            up.example: { endpoints: ["http://%s"] }
          """
              .formatted(kind, registry.name()));

      Run outcome = run("digest", "up.example/acme/tool:1", "-c", "any.yaml");

      assertThat(outcome).isEqualTo(new Run(0, digest + "\n", ""));
    }
    assertThat(run("tags", "up.example/acme/tool", "-c", "any.yaml").out()).isEqualTo("1\n");
  }

  @Test
  void registriesWithAMistake_nameFileAndLine() throws IOException {
    Files.writeString(folder.resolve("any.yaml"), "registries:\n  a.io: { endpoint: [x] }\n");

    Run outcome = run("tags", "a.io/b", "-c", "any.yaml");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("any.yaml:2", "did you mean 'endpoints'?");
  }

  @Test
  void missingCertificates_areAUsageError() {
    Run outcome = run("digest", image("acme/tool:1"), "--ca", "none.pem");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("no such file: none.pem");
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void color_goesBeforeTheEnvironment() {
    String red = "\u001B[31m";
    environment.put("NO_COLOR", "1");
    environment.put("CLICOLOR_FORCE", "1");
    assertThat(run("digest", image("acme/none:1")).err()).doesNotContain(red);
    assertThat(run("digest", image("acme/none:1"), "--color", "always").err()).contains(red);
    environment.remove("NO_COLOR");
    assertThat(run("digest", image("acme/none:1")).err()).contains(red);
    assertThat(run("digest", image("acme/none:1"), "--color", "never").err()).doesNotContain(red);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ls", "du", "rm", "gc", "verify", "warm", "import", "export"})
  void commandsBelowCache_haveHelpCompletionAndManualOfTheirOwn(String command) {
    Run help = run("help", "cache", command);
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .startsWith("Usage: entrepot cache " + command + " ")
        .contains("Examples:", "entrepot cache " + command);
    assertThat(run("cache", command, "--help")).isEqualTo(help);
    assertThat(run("cache", "--help").out()).contains("  " + command + " ");
    assertThat(run("completion", "bash").out()).contains("'cache " + command + "')");
    assertThat(run("completion", "zsh").out()).contains("'" + command + ":");
    assertThat(run("completion", "fish").out())
        .contains("__fish_seen_subcommand_from cache; and __fish_seen_subcommand_from " + command);
    assertThat(run("completion", "--man").out()).contains(".SS entrepot cache " + command);
  }

  @Test
  void cacheWithoutACommand_namesThem_andAWrongOneIsNamed() {
    assertThat(run("cache").code()).isEqualTo(2);
    assertThat(run("cache").err()).contains("ls, du, rm, gc", "entrepot help cache");
    assertThat(run("help", "cache", "typo").err())
        .contains("no such command: cache typo; entrepot help cache lists them");
    assertThat(run("cache", "typo").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "mirror", "init", "prune", "cache", "check"})
  void help_isAsWideAsTheTerminal_andKeepsItsIndent(String command) {
    environment.put("COLUMNS", "60");
    String help = run((command + " --help").strip().split(" ", -1)).out();
    assertThat(help.lines()).allMatch(line -> line.length() <= 60);
    String examples = help.substring(help.indexOf("Examples:"));
    assertThat(examples.lines().skip(1).takeWhile(line -> !line.isBlank()))
        .allMatch(line -> line.startsWith("  "));
    environment.put("COLUMNS", "160");
    assertThat(run((command + " --help").strip().split(" ", -1)).out().lines())
        .anyMatch(line -> line.length() > 80);
  }

  @Test
  void helpSaysDefaultsInOneWay() {
    String all = run("completion", "--man").out();
    assertThat(all).contains("(default: ");
    assertThat(all).doesNotContain("(default)", "if not given", "Default ");
  }

  @Test
  void cache_whereThereIsNoStore_saysSoAndMakesNone() {
    Run outcome = run("cache", "du", "--cache", "typo");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("no store in").contains("typo");
    assertThat(folder.resolve("typo")).doesNotExist();
  }

  @Test
  void config_saysSchemeNameCertificateAndLoginOfTheFile() throws IOException {
    Files.writeString(folder.resolve("cert.pem"), "certificate");
    Files.writeString(folder.resolve("key.pem"), "key");
    Files.writeString(folder.resolve("users"), "");
    Files.writeString(
        folder.resolve("proxy.yaml"),
        """
        listen: 0.0.0.0:5443
        names: [cache.lan]
        defaultUpstream: docker.io
        tls: { certificate: cert.pem, key: key.pem }
        users: users
        registries: { docker.io: {} }
        """);

    Run containerd = run("config", "containerd", "-c", "proxy.yaml");
    Run docker = run("config", "docker", "-c", "proxy.yaml", "--address", "a.lan:1");

    assertThat(containerd.code()).as(containerd.all()).isZero();
    assertThat(containerd.out())
        .contains("https://cache.lan:5443", folder.resolve("cert.pem").toString(), "Authorization");
    assertThat(docker.json().path("registry-mirrors").path(0).asString(""))
        .isEqualTo("https://a.lan:1");
    assertThat(docker.err()).contains("docker login a.lan:1").doesNotContain("defaultUpstream");
    assertThat(run("config", "docker").err()).contains("defaultUpstream: docker.io");
  }

  @Test
  void manualPage_namesFilesAndVariables() {
    assertThat(run("completion", "--man").out())
        .contains(".SH FILES", "images.lock.yaml", ".SH ENVIRONMENT", "NO_COLOR");
  }

  private Run run(String... arguments) {
    return Run.in(folder, environment, arguments);
  }

  private String image(String name) {
    return registry.name() + "/" + name;
  }

  private Digest manifest(String repository, String tag, String architecture) {
    byte[] config =
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\"}}"
            .formatted(architecture)
            .getBytes(UTF_8);
    byte[] layer = ("layer for " + architecture).getBytes(UTF_8);
    String json =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
        """
            .formatted(
                MediaType.OCI_MANIFEST,
                registry.addBlob(repository, config),
                config.length,
                registry.addBlob(repository, layer),
                layer.length);
    return registry.addManifest(repository, tag, MediaType.OCI_MANIFEST, json.getBytes(UTF_8));
  }

  private Digest list(String repository, String tag, String... architectures) {
    String entries =
        Arrays.stream(architectures)
            .map(
                architecture -> {
                  Digest digest = manifest(repository, "part-" + architecture, architecture);
                  int size = registry.manifest(repository, digest.toString()).bytes().length;
                  registry.removeTag(repository, "part-" + architecture);
                  return """
                  {"mediaType":"%s","digest":"%s","size":%d,
                   "platform":{"os":"linux","architecture":"%s"}}
                  """
                      .formatted(MediaType.OCI_MANIFEST, digest, size, architecture);
                })
            .collect(Collectors.joining(","));
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaType.OCI_INDEX, entries);
    return registry.addManifest(repository, tag, MediaType.OCI_INDEX, json.getBytes(UTF_8));
  }
}
