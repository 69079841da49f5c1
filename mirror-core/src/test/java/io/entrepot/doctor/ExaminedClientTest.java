package io.entrepot.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.doctor.Diagnosis.Route;
import io.entrepot.doctor.Diagnosis.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read out of the files of each client; each mistake beside what is right. */
final class ExaminedClientTest {

  private static final String URL = "http://localhost:5000";
  private static final String HOST =
      "[host.\"http://localhost:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n";
  private static final String DEFAULT = "etc/containerd/certs.d/_default/hosts.toml";
  private static final String CONFIG_2 =
      """
        version = 2
        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "/etc/containerd/certs.d"
        """;
  private static final String CONFIG_3 =
      """
        version = 3
        [plugins.'io.containerd.cri.v1.images'.registry]
        config_path = '/etc/containerd/certs.d'
        """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path root;

  private static SoughtProxy proxy(boolean tls, boolean hub, boolean login) {
    return new SoughtProxy(
        Set.of("localhost:5000"), tls, hub, login, List.of("docker.io", "ghcr.io"));
  }

  private Diagnosis examine(ExaminedClient client) {
    return client.examine(root, proxy(false, true, false));
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static Route route(Diagnosis diagnosis, String registry) {
    return diagnosis.routes().stream()
        .filter(each -> each.registry().equals(registry))
        .findFirst()
        .orElseThrow();
  }

  private void assertPast(ExaminedClient client, String registry, String why, String place) {
    Route route = route(examine(client), registry);
    assertThat(route.way()).as(route.toString()).isEqualTo(Way.PAST);
    assertThat(route.why()).contains(why);
    assertThat(route.at().toString()).endsWith(place);
  }

  @Test
  void containerd_defaultForAll_bothVersions_through() throws IOException {
    write(DEFAULT, HOST);
    for (String config : List.of(CONFIG_2, CONFIG_3)) {
      write("etc/containerd/config.toml", config);
      Diagnosis diagnosis = examine(ExaminedClient.CONTAINERD);
      assertThat(diagnosis.isWhole()).as(diagnosis.toString()).isTrue();
      assertThat(diagnosis.contact().orElseThrow().url()).isEqualTo(URL);
      assertThat(diagnosis.contact().orElseThrow().namesRegistry()).isTrue();
    }
  }

  @Test
  void containerd_withoutConfigPath_ignoresHostsToml() throws IOException {
    write(DEFAULT, HOST);
    write(
        "etc/containerd/config.toml",
        CONFIG_2.replace("\"/etc/containerd/certs.d\"", "\"\"").replace("version", "#\nversion"));
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "config_path is not set", "config.toml");
    assertThat(examine(ExaminedClient.CONTAINERD).faults().getFirst().message())
        .contains("[plugins.\"io.containerd.grpc.v1.cri\".registry]", "config_path = ");
    Files.delete(root.resolve("etc/containerd/config.toml"));
    assertThat(examine(ExaminedClient.CONTAINERD).isWhole()).isFalse();
  }

  @Test
  void containerd_tableOfAnotherVersion_isNamed() throws IOException {
    write(DEFAULT, HOST);
    write("etc/containerd/config.toml", CONFIG_2.replace("version = 2", "version = 3"));
    Diagnosis diagnosis = examine(ExaminedClient.CONTAINERD);
    assertThat(diagnosis.isWhole()).isFalse();
    assertThat(diagnosis.faults())
        .anySatisfy(
            fault -> {
              assertThat(fault.message()).contains("version = 3", "io.containerd.cri.v1.images");
              assertThat(fault.at().line()).isEqualTo(3);
            });
  }

  @Test
  void containerd_configPathOfAnImport_counts() throws IOException {
    write(DEFAULT, HOST);
    write(
        "etc/containerd/config.toml", "version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]");
    write("etc/containerd/conf.d/registry.toml", CONFIG_2);
    assertThat(examine(ExaminedClient.CONTAINERD).isWhole()).isTrue();
  }

  @Test
  void containerd_folderOfTheRegistry_goesBeforeTheDefault() throws IOException {
    write("etc/containerd/config.toml", CONFIG_3);
    write(DEFAULT, HOST);
    write("etc/containerd/certs.d/ghcr.io/ca.crt", "");
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "no hosts.toml", "certs.d/ghcr.io");
    write(
        "etc/containerd/certs.d/ghcr.io/hosts.toml",
        "server = \"https://ghcr.io\"\n[host.\"http://localhost:5001\"]\n");
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "is the proxy", "ghcr.io/hosts.toml");
    assertThat(route(examine(ExaminedClient.CONTAINERD), "docker.io").way()).isEqualTo(Way.THROUGH);
    write("etc/containerd/certs.d/ghcr.io/hosts.toml", "server = \"" + URL + "\"\n");
    assertThat(examine(ExaminedClient.CONTAINERD).isWhole()).isTrue();
  }

  @Test
  void containerd_capabilitiesOrderAndCertificates() throws IOException {
    write("etc/containerd/config.toml", CONFIG_3);
    write(DEFAULT, HOST.replace(", \"resolve\"", ""));
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "\"resolve\"", "hosts.toml:2");
    write(DEFAULT, HOST.replace("\"pull\", ", ""));
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "lack \"pull\"", "hosts.toml:2");
    write(DEFAULT, "[host.\"https://other\"]\n" + HOST);
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "before the proxy", "hosts.toml:1");
    write(DEFAULT, "[host.\"https://other\"]\ncapabilities = [\"push\"]\n" + HOST);
    assertThat(examine(ExaminedClient.CONTAINERD).isWhole()).isTrue();
    write(DEFAULT, HOST + "  ca = \"/etc/entrepot.pem\"\n");
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "/etc/entrepot.pem", "hosts.toml:3");
    write("etc/entrepot.pem", "");
    assertThat(examine(ExaminedClient.CONTAINERD).contact().orElseThrow().ca())
        .contains(root.resolve("etc/entrepot.pem"));
    write(DEFAULT, "[host.\"http://localhost:5000\"\n");
    assertPast(ExaminedClient.CONTAINERD, "ghcr.io", "TOML", "hosts.toml:1");
  }

  @Test
  void containerd_oldMirrorsAndDisabledCri_areFaults() throws IOException {
    write(DEFAULT, HOST);
    write(
        "etc/containerd/config.toml",
        "disabled_plugins = [\"cri\"]\n"
            + CONFIG_2
            + """
        [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
        endpoint = ["http://localhost:5000"]
        """);
    assertThat(examine(ExaminedClient.CONTAINERD).faults())
        .extracting(fault -> fault.at().line())
        .containsExactly(1, 5);
  }

  @Test
  void k3s_ownEntryGoesBeforeAll() throws IOException {
    String file = "etc/rancher/k3s/registries.yaml";
    assertPast(ExaminedClient.K3S, "ghcr.io", "neither", "registries.yaml");
    write(file, "mirrors:\n  \"*\":\n    endpoint: [\"http://localhost:5000\"]\n");
    assertThat(examine(ExaminedClient.K3S).isWhole()).isTrue();
    write(
        file,
        """
        mirrors:
          "*":
            endpoint: ["http://localhost:5000"]
          ghcr.io:
            endpoint:
              - https://other.example
        """);
    assertPast(ExaminedClient.K3S, "ghcr.io", "https://other.example", "registries.yaml:6");
    write(
        file,
        "mirrors:\n  ghcr.io:\n    endpoint: [\"https://other\", \"http://localhost:5000\"]\n");
    assertPast(ExaminedClient.K3S, "ghcr.io", "before the proxy", "registries.yaml:3");
    assertPast(ExaminedClient.K3S, "docker.io", "neither", "registries.yaml:2");
  }

  @Test
  void k3s_rewriteTlsAndCertificates() throws IOException {
    String file = "etc/rancher/k3s/registries.yaml";
    write(
        file,
        """
        mirrors:
          "*":
            endpoint: ["http://localhost:5000"]
            rewrite:
              "^(.*)$": "hub/$1"
        """);
    assertPast(ExaminedClient.K3S, "ghcr.io", "rewrite", "registries.yaml:5");
    String configs =
        "configs:\n  \"localhost:5000\":\n    tls:\n      insecure_skip_verify: true\n";
    write(file, "mirrors:\n  \"*\":\n    endpoint: [\"http://localhost:5000\"]\n" + configs);
    assertThat(examine(ExaminedClient.K3S).faults().getFirst().message()).contains("HTTPS first");
    write(file, "mirrors:\n  \"*\":\n    endpoint: [\"https://localhost:5000\"]\n" + configs);
    assertThat(examine(ExaminedClient.K3S).isWhole()).isTrue();
    assertThat(examine(ExaminedClient.K3S).contact().orElseThrow().verifies()).isFalse();
    write(
        file,
        """
        mirrors:
          "*":
            endpoint: ["https://localhost:5000"]
        configs:
          "localhost:5000":
            tls: { ca_file: /etc/no.pem }
        """);
    assertThat(examine(ExaminedClient.K3S).faults().getFirst().message()).contains("/etc/no.pem");
    write(file, "mirrors: [\n");
    assertThat(examine(ExaminedClient.K3S).faults()).isNotEmpty();
  }

  private static String podman(String registry, String location, String more) {
    return "[[registry]]\nlocation = \"%s\"\n[[registry.mirror]]\nlocation = \"%s\"\n%s\n"
        .formatted(registry, location, more);
  }

  @Test
  void podman_mirrorNamesTheRegistry_inEitherForm() throws IOException {
    String file = "etc/containers/registries.conf.d/50-entrepot.conf";
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "no [[registry]]", "registries.conf");
    write(
        file,
        podman("docker.io", "localhost:5000/docker.io", "insecure = true")
            + """
        [[registry]]
        prefix = "ghcr.io"
        mirror = [{ location = "localhost:5000/ghcr.io", insecure = true }]
        """);
    Diagnosis diagnosis = examine(ExaminedClient.PODMAN);
    assertThat(diagnosis.isWhole()).as(diagnosis.toString()).isTrue();
    assertThat(diagnosis.contact().orElseThrow().url()).isEqualTo(URL);
    write(file, podman("ghcr.io", "localhost:5000", "insecure = true"));
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "end with /ghcr.io", "50-entrepot.conf:3");
    write(file, podman("docker.io", "localhost:5000", "insecure = true"));
    assertThat(route(examine(ExaminedClient.PODMAN), "docker.io").way()).isEqualTo(Way.THROUGH);
  }

  @Test
  void podman_plainHttpDigestsBlockedAndLaterFiles() throws IOException {
    String file = "etc/containers/registries.conf";
    String ours = "localhost:5000/ghcr.io";
    write(file, podman("ghcr.io", ours, ""));
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "insecure = true", "registries.conf:3");
    write(file, podman("ghcr.io", ours, "insecure = true\npull-from-mirror = \"digest-only\""));
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "digests only", "registries.conf:3");
    write(file, podman("ghcr.io", ours, "insecure = true\npull-from-mirror = \"all\""));
    assertThat(route(examine(ExaminedClient.PODMAN), "ghcr.io").way()).isEqualTo(Way.THROUGH);
    write(file + ".d/99.conf", "[[registry]]\nlocation = \"ghcr.io\"\nblocked = true\n");
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "blocked", "99.conf:1");
    write(file + ".d/99.conf", podman("ghcr.io", "other/ghcr.io", ""));
    assertPast(ExaminedClient.PODMAN, "ghcr.io", "is the proxy", "99.conf:1");
  }

  @Test
  void docker_hubAlone_whereTheProxyTakesBareNames() throws IOException {
    assertPast(ExaminedClient.DOCKER, "docker.io", "not set", "daemon.json");
    write("etc/docker/daemon.json", "{\n  \"registry-mirrors\": [\"http://localhost:5000\"]\n}\n");
    Diagnosis diagnosis = examine(ExaminedClient.DOCKER);
    assertThat(diagnosis.isWhole()).as(diagnosis.toString()).isTrue();
    assertThat(route(diagnosis, "ghcr.io").way()).isEqualTo(Way.BY_NAME);
    assertThat(route(diagnosis, "ghcr.io").why()).contains("localhost:5000/ghcr.io/NAME");
    Route bare =
        route(ExaminedClient.DOCKER.examine(root, proxy(false, false, false)), "docker.io");
    assertThat(bare.way()).isEqualTo(Way.PAST);
    assertThat(bare.why()).contains("defaultUpstream");
    assertThat(bare.at().line()).isEqualTo(2);
    assertThat(
            route(ExaminedClient.DOCKER.examine(root, proxy(false, true, true)), "docker.io").why())
        .contains("no login");
    write(
        "etc/docker/daemon.json",
        "{ \"registry-mirrors\": [\"http://a\", \"http://localhost:5000\"] }");
    assertPast(ExaminedClient.DOCKER, "docker.io", "before the proxy", "daemon.json:1");
    write("etc/docker/daemon.json", "{ registry-mirrors }");
    assertThat(examine(ExaminedClient.DOCKER).faults().getFirst().message()).contains("JSON");
  }
}
