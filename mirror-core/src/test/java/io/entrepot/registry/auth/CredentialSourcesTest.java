package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.RegistryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialSourcesTest {

  private static final RegistryName QUAY = new RegistryName("quay.io");
  private static final RegistryName GHCR = new RegistryName("ghcr.io");

  private final Path home;
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();

  CredentialSourcesTest(@TempDir Path home) throws IOException {
    this.home = home;
    Files.createDirectories(home.resolve(".docker"));
    Files.createDirectories(home.resolve("bin"));
    environment.put("PATH", home.resolve("bin").toString());
  }

  private Optional<Credentials> find(RegistryName registry) {
    return CredentialSources.standard(environment, home, Map.of(), warnings::add).find(registry);
  }

  private void dockerConfig(String json) throws IOException {
    Files.writeString(home.resolve(".docker/config.json"), json);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void find_inAFileThatEverybodyMayRead_warnsOnceAndWithoutTheSecret() throws Exception {
    dockerConfig("{\"auths\":{\"quay.io\":{\"auth\":\"YW5uOnA6dw==\"}}}");
    Path file = home.resolve(".docker/config.json");
    CredentialSource source =
        CredentialSources.standard(environment, home, Map.of(), warnings::add);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(source.find(QUAY)).isPresent();
    assertThat(warnings).isEmpty();

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    source = CredentialSources.standard(environment, home, Map.of(), warnings::add);
    assertThat(source.find(GHCR)).isEmpty();
    assertThat(warnings).isEmpty();
    assertThat(source.find(QUAY)).isPresent();
    assertThat(source.find(QUAY)).isPresent();
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains(file.toString(), "chmod o-r")
        .doesNotContain("p:w", "YW5u");
  }

  private void helper(String name, String script) throws IOException {
    Path program = home.resolve("bin/docker-credential-" + name);
    Files.writeString(program, "#!/bin/sh\nread server\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  private Optional<String> user(String path) {
    return CredentialSources.standard(environment, home, Map.of(), warnings::add)
        .accounts(QUAY)
        .find(path)
        .map(Credentials::username);
  }

  private static String auth(String user) {
    String pair = Base64.getEncoder().encodeToString((user + ":pw").getBytes(UTF_8));
    return "{\"auth\":\"" + pair + "\"}";
  }

  private void auths(String file, String auths) throws IOException {
    Path path = home.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "{\"auths\":{" + auths + "}}");
    if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void accounts_namespaces_mostSpecificFirst() throws IOException {
    auths(
        ".config/containers/auth.json",
        "\"quay.io\":%s,\"quay.io/acme\":%s,\"https://quay.io/v1/\":%s,\"ghcr.io/acme\":%s,\"quay.io/acme/tool/\":%s"
            .formatted(auth("all"), auth("acme"), auth("old"), auth("hub"), auth("tool")));
    assertThat(user("acme/tool")).contains("tool");
    assertThat(user("acme/tool/sub")).contains("tool");
    assertThat(user("acme/other")).contains("acme");
    assertThat(user("acmetool/x")).contains("all");
    assertThat(user("")).contains("all");
  }

  @Test
  void accounts_onlyANamespaceIsKnown_nobodyElsewhere() throws IOException {
    auths(".config/containers/auth.json", "\"quay.io/acme\":" + auth("acme"));
    assertThat(user("acme/tool")).contains("acme");
    assertThat(user("other/tool")).isEmpty();
    assertThat(user("")).isEmpty();
  }

  @Test
  void accounts_podmansFiles_inItsOrder() throws IOException {
    auths(".dockercfg", "");
    Files.writeString(home.resolve(".dockercfg"), "{\"quay.io\":" + auth("oldest") + "}");
    assertThat(user("a")).contains("oldest");
    auths(".config/containers/auth.json", "\"quay.io\":" + auth("settings"));
    assertThat(user("a")).contains("settings");
    environment.put("XDG_CONFIG_HOME", home.resolve("cfg").toString());
    assertThat(user("a")).contains("oldest");
    auths("cfg/containers/auth.json", "\"quay.io\":" + auth("moved"));
    assertThat(user("a")).contains("moved");
    environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
    assertThat(user("a")).contains("moved");
    auths("run/containers/auth.json", "\"quay.io\":" + auth("runtime"));
    assertThat(user("a")).contains("runtime");
    environment.put("REGISTRY_AUTH_FILE", home.resolve("own.json").toString());
    assertThat(user("a")).as("that file and no other").isEmpty();
    auths("own.json", "\"quay.io\":" + auth("own"));
    assertThat(user("a")).contains("own");
    dockerConfig("{\"auths\":{\"quay.io\":" + auth("docker") + "}}");
    assertThat(user("a")).contains("docker");
    environment.put("DOCKER_AUTH_CONFIG", "{\"auths\":{\"quay.io\":" + auth("ci") + "}}");
    assertThat(user("a")).contains("ci");
  }

  @Test
  void dockerAuthConfig_thatIsNoJson_namesTheVariableNotItsText() {
    environment.put("DOCKER_AUTH_CONFIG", "{s3cret");
    assertThatThrownBy(() -> user("a"))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("the variable DOCKER_AUTH_CONFIG")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void find_nothingAnywhere_empty() {
    assertThat(find(QUAY)).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void find_auths_forThatRegistryOnly() throws Exception {
    dockerConfig("{\"auths\":{\"quay.io\":{\"auth\":\"YW5uOnA6dw==\"}}}");
    Credentials credentials = find(QUAY).orElseThrow();
    assertThat(credentials.username()).isEqualTo("ann");
    assertThat(credentials.secret().reveal()).isEqualTo("p:w");
    assertThat(credentials.source()).endsWith("config.json");
    assertThat(find(GHCR)).isEmpty();
    assertThat(find(new RegistryName("quay.io:8443"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://index.docker.io/v1/", "index.docker.io", "docker.io"})
  void find_dockerHub_underEveryName(String key) throws Exception {
    dockerConfig("{\"auths\":{\"" + key + "\":{\"identitytoken\":\"idt\",\"auth\":\"YTpi\"}}}");
    Credentials credentials = find(RegistryName.DOCKER_HUB).orElseThrow();
    assertThat(credentials.identityToken()).isTrue();
    assertThat(credentials.secret().reveal()).isEqualTo("idt");
  }

  @Test
  void find_repositoryKey_isNotTheRegistry() throws Exception {
    dockerConfig("{\"auths\":{\"quay.io/team\":{\"auth\":\"YTpi\"}}}");
    assertThat(find(QUAY)).isEmpty();
  }

  @Test
  void find_dockerConfigDirectoryAndPodmanFile() throws Exception {
    Path other = Files.createDirectories(home.resolve("other"));
    Files.writeString(
        other.resolve("config.json"), "{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"}}}");
    Files.writeString(
        other.resolve("auth.json"), "{\"auths\":{\"ghcr.io\":{\"auth\":\"YzpkCg==\"}}}");
    environment.put("DOCKER_CONFIG", other.toString());
    environment.put("REGISTRY_AUTH_FILE", other.resolve("auth.json").toString());
    assertThat(find(QUAY)).isPresent();
    assertThat(find(GHCR).orElseThrow().username()).isEqualTo("c");
  }

  @Test
  void find_githubToken_lastAndForGhcrOnly() throws Exception {
    environment.put("GITHUB_TOKEN", "ghp");
    assertThat(find(GHCR).orElseThrow().username()).isEqualTo("x-access-token");
    environment.put("GITHUB_ACTOR", "bob");
    assertThat(find(GHCR).orElseThrow().username()).isEqualTo("bob");
    assertThat(find(QUAY)).isEmpty();
    dockerConfig("{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}}}");
    assertThat(find(GHCR).orElseThrow().username()).isEqualTo("a");
  }

  @Test
  void find_malformedFile_namedWithoutItsText() throws Exception {
    dockerConfig("{\"auths\":{\"quay.io\":{\"auth\": s3cret");
    assertThatThrownBy(() -> find(QUAY))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("config.json")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void find_helper_isAskedForTheRegistry() throws Exception {
    dockerConfig("{\"credHelpers\":{\"quay.io\":\"fake\"}}");
    helper("fake", "echo \"{\\\"Username\\\":\\\"$1-$server\\\",\\\"Secret\\\":\\\"pw\\\"}\"");
    Credentials credentials = find(QUAY).orElseThrow();
    assertThat(credentials.username()).isEqualTo("get-quay.io");
    assertThat(credentials.source()).contains("docker-credential-fake");
    assertThat(find(GHCR)).isEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void find_helperWithIdentityToken_isOne() throws Exception {
    dockerConfig("{\"credsStore\":\"fake\"}");
    helper("fake", "echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}'");
    assertThat(find(RegistryName.DOCKER_HUB).orElseThrow().identityToken()).isTrue();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void find_helperKnowsNothing_empty() throws Exception {
    dockerConfig("{\"credsStore\":\"fake\"}");
    helper("fake", "echo 'credentials not found in native keychain'; exit 1");
    assertThat(find(QUAY)).isEmpty();
  }

  @ParameterizedTest
  @DisabledOnOs(OS.WINDOWS)
  @ValueSource(strings = {"echo boom >&2; exit 1", "echo '{\"Secret\":\"s3cret\"}'", "echo s3cret"})
  void find_helperFails_namedWithoutItsOutput(String script) throws Exception {
    dockerConfig("{\"credHelpers\":{\"quay.io\":\"fake\"}}");
    helper("fake", script);
    assertThatThrownBy(() -> find(QUAY))
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("docker-credential-fake")
        .hasMessageContaining("quay.io")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void find_helperThatDoesNotRead_isHeard() throws Exception {
    dockerConfig("{\"credHelpers\":{\"quay.io\":\"deaf\"}}");
    helper("deaf", "");
    Files.writeString(
        home.resolve("bin/docker-credential-deaf"),
        "#!/bin/sh\nexec 0<&-\necho '{\"Username\":\"u\",\"Secret\":\"pw\"}'\n");
    assertThat(find(QUAY).orElseThrow().username()).isEqualTo("u");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void helper_thatNeverAnswers_isEnded() throws Exception {
    helper("slow", "echo $$ >\"$HOME/pid\"; sleep 600");
    var slow =
        new CredentialHelper(
            home.resolve("bin/docker-credential-slow"),
            Map.of("HOME", home.toString()),
            Duration.ofSeconds(1));
    assertThatThrownBy(() -> slow.find("quay.io")).hasMessage("it gave no answer within 1 s");
    long pid = Long.parseLong(Files.readString(home.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::onExit).map(CompletableFuture::join))
        .satisfiesAnyOf(
            ended -> assertThat(ended).isEmpty(),
            ended -> assertThat(ended.orElseThrow().isAlive()).isFalse());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void helper_thatTalksWithoutEnd_isEnded() throws Exception {
    helper("loud", "yes");
    var loud =
        new CredentialHelper(
            home.resolve("bin/docker-credential-loud"), Map.of(), CredentialHelper.PATIENCE);
    assertThatThrownBy(() -> loud.find("quay.io")).hasMessage("it answered with more than 64 KiB");
  }

  @Test
  void find_helperMissing_failureOnlyForThoseItServes() throws Exception {
    dockerConfig("{\"credsStore\":\"gone\",\"auths\":{\"quay.io\":{}}}");
    assertThatThrownBy(() -> find(QUAY)).hasMessageContaining("docker-credential-gone");
    assertThat(find(GHCR)).isEmpty();
    assertThat(warnings).singleElement().asString().contains("docker-credential-gone");
  }
}
