package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io/acme/mirror/{flat}, docker.io/bitnami/os-shell, ghcr.io/acme/mirror/bitnami-os-shell",
    "https://ghcr.io/acme/mirror/{flat}, docker.io/library/redis, ghcr.io/acme/mirror/redis",
    "https://ghcr.io/acme/mirror/{path}, docker.io/library/redis, ghcr.io/acme/mirror/library/redis",
    "https://ghcr.io/acme/mirror/{full}, quay.io/a/b, ghcr.io/acme/mirror/quay.io/a/b",
    "https://ghcr.io/cache/, docker.io/library/redis, ghcr.io/cache/library/redis",
    "http://127.0.0.1:5000, docker.io/library/redis, 127.0.0.1:5000/library/redis",
  })
  void repository_byTemplate(String endpoint, String wanted, String expected) {
    assertThat(Endpoint.parse(endpoint).repository(Repository.parse(wanted)))
        .isEqualTo(Repository.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ghcr.io",
        "ftp://ghcr.io",
        "https://",
        "https://u:p@ghcr.io",
        "https://ghcr.io/UPPER",
        "https://ghcr.io/a?b",
        "https://ghcr.io/{unknown}"
      })
  void parse_notAnEndpoint_refused(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void owner_isTheRegistrysOwnAddress_elseTheLast() {
    Endpoint mirror = Endpoint.parse("https://ghcr.io/acme/{flat}");
    Endpoint hub = Endpoint.parse("https://registry-1.docker.io");
    Endpoint other = Endpoint.parse("http://127.0.0.1:5000");

    assertThat(upstream(hub, mirror).owner()).isEqualTo(hub);
    assertThat(upstream(mirror, other).owner()).isEqualTo(other);
  }

  @Test
  void origin_ofRegistryName() {
    assertThat(Origin.of(RegistryName.DOCKER_HUB).toString())
        .isEqualTo("https://registry-1.docker.io");
    assertThat(Origin.of(new RegistryName("localhost:5000")).toString())
        .isEqualTo("http://localhost:5000");
    assertThat(Origin.of(new RegistryName("k3d-entrepot.localhost:5000")).scheme())
        .isEqualTo("http");
    assertThat(Origin.of(new RegistryName("registry.example:5000")).toString())
        .isEqualTo("https://registry.example:5000");
  }

  private static Upstream upstream(Endpoint... endpoints) {
    return new Upstream(RegistryName.DOCKER_HUB, List.of(endpoints), null, Set.of(), 0, null);
  }
}
