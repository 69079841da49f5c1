package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClientConfigurationTest {

  private static final ServedAddress ADDRESS = ServedAddress.plain("host.k3d.internal:5000");

  private static final ServedAddress GUARDED =
      new ServedAddress("cache.lan:5443", Path.of("/etc/ca.pem"), true, true);

  @ParameterizedTest
  @EnumSource
  void everyFile_namesTheAddress(ClientConfiguration client) {
    assertThat(client.print(ADDRESS, ProxySettings.USUAL_UPSTREAMS)).contains(ADDRESS.authority());
  }

  @Test
  void k3s_isPlainHttpWithoutConfigs() {
    String text = ClientConfiguration.K3S.print(ADDRESS, ProxySettings.USUAL_UPSTREAMS);
    assertThat(text)
        .contains("\"docker.io\":\n    endpoint: [\"http://host.k3d.internal:5000\"]")
        .contains("\"k3d-entrepot.localhost:5000\":")
        .doesNotContain("\nconfigs:");
  }

  @Test
  void k3dFileOfDeploy_isWhatIsPrinted() throws IOException {
    assertThat(Files.readString(Path.of("../deploy/k3d/k3d.yaml")))
        .isEqualTo(ClientConfiguration.K3D.print(ADDRESS, ProxySettings.USUAL_UPSTREAMS));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PODMAN", "BUILDKIT"})
  void registryWithTls_isReachedByIt(ClientConfiguration client) {
    assertThat(client.print(GUARDED, ProxySettings.USUAL_UPSTREAMS))
        .contains("https://cache.lan:5443")
        .doesNotContain("http://cache", "insecure-registries");
  }

  @ParameterizedTest
  @EnumSource(names = {"PODMAN", "BUILDKIT"})
  void clientsThatAssumeTls_areNotToldOtherwise(ClientConfiguration client) {
    assertThat(client.print(GUARDED, ProxySettings.USUAL_UPSTREAMS))
        .contains("cache.lan:5443/docker.io")
        .doesNotContain("insecure", "http = true");
  }

  @ParameterizedTest
  @EnumSource
  void certificatesAndLogin_areNamed(ClientConfiguration client) {
    String all =
        client.print(GUARDED, ProxySettings.USUAL_UPSTREAMS)
            + String.join("\n", client.notes(GUARDED));

    assertThat(all).contains("/etc/ca.pem").containsPattern("login|auth:|Authorization");
  }

  @Test
  void docker_whereNamesDoNotMeanDockerHub_saysWhatIsMissing() {
    assertThat(ClientConfiguration.DOCKER.notes(ADDRESS).getFirst())
        .contains("defaultUpstream: docker.io");
    assertThat(ClientConfiguration.DOCKER.notes(GUARDED).getFirst())
        .doesNotContain("defaultUpstream");
  }
}
