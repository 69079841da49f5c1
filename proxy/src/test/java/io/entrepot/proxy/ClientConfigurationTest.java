package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClientConfigurationTest {

  private static final String ADDRESS = "host.k3d.internal:5000";

  @ParameterizedTest
  @EnumSource
  void everyFile_namesTheAddress(ClientConfiguration client) {
    assertThat(client.print(ADDRESS, ProxySettings.USUAL_UPSTREAMS)).contains(ADDRESS);
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
}
