package io.entrepot.ca;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.ca.ClientTrust.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients' files become, and that all of it is taken back. */
final class ClientTrustTest {

  private static final String PEM =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  private static final List<String> NAMES = List.of("localhost:5000", "host.k3d.internal:5000");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path root;

  @SuppressWarnings("NullAway.Init")
  private ClientTrust trust;

  @BeforeEach
  void plant() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    trust = new ClientTrust(directory.resolve("ca"), root);
  }

  private Path file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private List<Change> write(TrustingClient... clients) {
    return trust.trust(List.of(clients), PEM, NAMES, false);
  }

  private SortedMap<String, String> tree() throws IOException {
    SortedMap<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        tree.put(
            root.relativize(file).toString(),
            Files.isDirectory(file)
                ? "directory"
                : PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                    + new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return tree;
  }

  @ParameterizedTest
  @EnumSource
  void client_withoutAnyFile_isTrustedAndTakenBack(TrustingClient client) throws IOException {
    SortedMap<String, String> before = tree();
    assertThat(write(client)).isNotEmpty().allMatch(each -> each.kind() == Change.Kind.CREATED);
    SortedMap<String, String> trusted = tree();
    assertThat(trusted.values()).anyMatch(text -> text.endsWith(PEM));
    assertThat(write(client)).allMatch(each -> each.kind() == Change.Kind.UNCHANGED);
    assertThat(tree()).isEqualTo(trusted);
    assertThat(trust.undo(List.of(client), false))
        .isNotEmpty()
        .allMatch(each -> each.kind() == Change.Kind.RESTORED);
    assertThat(tree()).isEqualTo(before);
    assertThat(trust.undo(List.of(), false)).isEmpty();
  }

  @Test
  void originals_comeBackByteForByte_withTheirModes() throws IOException {
    Path registries =
        file(
            "etc/rancher/k3s/registries.yaml",
            "# ours\r\nmirrors:\n  docker.io: { endpoint: [\"https://localhost:5000\"] }\n");
    Files.setPosixFilePermissions(registries, PosixFilePermissions.fromString("rw-r-----"));
    file("etc/buildkit/buildkitd.toml", "debug = true");
    file("etc/docker/certs.d/localhost:5000/ca.crt", "an older root\n");
    SortedMap<String, String> before = tree();
    write(TrustingClient.values());
    assertThat(tree()).isNotEqualTo(before);
    assertThat(registries)
        .content()
        .startsWith("# ours\r\nmirrors:")
        .contains("ca_file: /etc/rancher/k3s/entrepot-ca.pem");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(registries)))
        .isEqualTo("rw-r-----");
    trust.undo(List.of(), false);
    assertThat(tree()).isEqualTo(before);
  }

  @Test
  void dryRun_writesNothing() throws IOException {
    SortedMap<String, String> before = tree();
    assertThat(trust.trust(List.of(TrustingClient.values()), PEM, NAMES, true)).isNotEmpty();
    assertThat(tree()).isEqualTo(before);
    write(TrustingClient.DOCKER);
    SortedMap<String, String> trusted = tree();
    assertThat(trust.undo(List.of(), true)).hasSize(2);
    assertThat(tree()).isEqualTo(trusted);
  }

  @Test
  void undo_fileThatSomebodyChangedSince_isLeftAndSaid() throws IOException {
    Path toml = file("etc/buildkit/buildkitd.toml", "debug = true\n");
    write(TrustingClient.BUILDKIT);
    Files.writeString(toml, Files.readString(toml) + "insecure-entitlements = []\n");
    assertThat(trust.undo(List.of(), false))
        .filteredOn(each -> each.kind() == Change.Kind.LEFT)
        .singleElement()
        .satisfies(each -> assertThat(each.problem()).contains("changed since"));
    assertThat(toml).content().contains("insecure-entitlements");
  }

  @Test
  void undo_ofOneClient_leavesTheOthers() throws IOException {
    write(TrustingClient.DOCKER, TrustingClient.PODMAN);
    trust.undo(List.of(TrustingClient.DOCKER), false);
    assertThat(root.resolve("etc/docker")).doesNotExist();
    assertThat(root.resolve("etc/containers/certs.d/localhost:5000/ca.crt")).hasContent(PEM);
  }

  @Test
  void anotherFileSystem_hasAJournalOfItsOwn() throws IOException {
    write(TrustingClient.DOCKER);
    Path node = Files.createDirectory(directory.resolve("node"));
    ClientTrust other = new ClientTrust(directory.resolve("ca"), node);
    other.trust(List.of(TrustingClient.DOCKER), PEM, NAMES, false);
    other.undo(List.of(), false);
    assertThat(root.resolve("etc/docker/certs.d/localhost:5000/ca.crt")).hasContent(PEM);
    trust.undo(List.of(), false);
    assertThat(root.resolve("etc")).doesNotExist();
  }

  // ---- files that are edited ----------------------------------------------------------------

  private static String k3s(String... lines) {
    return RegistriesYaml.trusting(String.join("\n", lines), "localhost:5000", "/ca.pem");
  }

  @Test
  void registriesYaml_entriesAreAddedWhereTheyBelong() {
    assertThat(k3s("configs:", "    other:443:", "        auth: { username: a }", ""))
        .isEqualTo(
            """
            configs:
                "localhost:5000":
                  tls:
                    ca_file: /ca.pem
                other:443:
                    auth: { username: a }
            """);
    assertThat(k3s("configs:", "  \"localhost:5000\":", "    auth: { username: a }", ""))
        .isEqualTo(
            """
            configs:
              "localhost:5000":
                tls:
                  ca_file: /ca.pem
                auth: { username: a }
            """);
    String tls =
        k3s("configs:", "  localhost:5000:", "    tls:", "      insecure_skip_verify: false", "");
    assertThat(tls).contains("    tls:\n      ca_file: /ca.pem\n      insecure_skip_verify");
    assertThat(RegistriesYaml.trusting(tls, "localhost:5000", "/ca.pem")).isEqualTo(tls);
  }

  @Test
  void registriesYaml_whatAPersonHasToDo_isSaidWithTheLines() {
    for (String text :
        List.of(
            "configs: { a: { tls: {} } }\n",
            "configs:\n  localhost:5000:\n    tls:\n      ca_file: /other.pem\n",
            "configs: [\n")) {
      assertThat(Stream.of(text))
          .allSatisfy(
              each ->
                  org.assertj.core.api.Assertions.assertThatThrownBy(() -> k3s(each))
                      .isInstanceOf(CaException.class)
                      .hasMessageContaining("registries.yaml"));
    }
  }

  @Test
  void hostsToml_ofTheRegistryAndOfAll_nameTheRoot() throws IOException {
    file(
        "etc/containerd/certs.d/_default/hosts.toml",
        "[host.\"https://localhost:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
    write(TrustingClient.CONTAINERD);
    assertThat(root.resolve("etc/containerd/certs.d/_default/hosts.toml"))
        .hasContent(
            """
            [host."https://localhost:5000"]
              ca = "/etc/containerd/certs.d/localhost:5000/ca.crt"
              capabilities = ["pull", "resolve"]
            """);
    assertThat(root.resolve("etc/containerd/certs.d/localhost:5000/hosts.toml"))
        .hasContent(
            """
            server = "https://localhost:5000"
            ca = "/etc/containerd/certs.d/localhost:5000/ca.crt"
            """);
  }

  @Test
  void toml_anotherRootInItsPlace_isLeftToAPerson() throws IOException {
    file(
        "etc/buildkit/buildkitd.toml",
        "[registry.\"localhost:5000\"]\n  ca = [\"/etc/corp.pem\"]\n[worker]\n");
    assertThat(write(TrustingClient.BUILDKIT))
        .filteredOn(each -> each.kind() == Change.Kind.LEFT)
        .singleElement()
        .satisfies(each -> assertThat(each.problem()).contains("/etc/corp.pem", "add ours"));
  }

  @Test
  void installed_areThoseWithAFolder() throws IOException {
    Files.createDirectories(root.resolve("etc/docker"));
    Files.createDirectories(root.resolve("etc/rancher/k3s"));
    assertThat(TrustingClient.installed(root))
        .containsExactly(TrustingClient.DOCKER, TrustingClient.K3S);
    assertThat(Arrays.stream(TrustingClient.values()).map(TrustingClient::word))
        .containsExactly("docker", "containerd", "podman", "k3s", "buildkit", "system");
  }
}
