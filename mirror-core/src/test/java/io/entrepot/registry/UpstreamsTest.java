package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpstreamsTest {

  private static final RegistryName QUAY = new RegistryName("quay.io");
  private static final Upstream CONFIGURED =
      new Upstream(
          QUAY, List.of(Endpoint.parse("https://mirror.example")), null, Set.of(), 7, null);

  @Test
  void configuredRegistry_isAsSaid_othersAsTheirNamesSay() {
    Upstreams upstreams = Upstreams.configured(Map.of(QUAY, CONFIGURED));
    assertThat(upstreams.of(QUAY)).isEqualTo(CONFIGURED);
    assertThat(upstreams.of(RegistryName.DOCKER_HUB))
        .isEqualTo(Upstream.of(RegistryName.DOCKER_HUB));
  }

  @Test
  void copies_onlyWhereSomebodyKnowsThem_andRegistriesStay() {
    Repository tool = Repository.parse("quay.io/acme/tool");
    Repository copy = Repository.parse("ghcr.io/acme/tool");
    Upstreams plain = Upstreams.configured(Map.of(QUAY, CONFIGURED));
    assertThat(plain.copiesOf(tool)).isEmpty();
    Upstreams copied = plain.withCopies(repository -> List.of(copy));
    assertThat(copied.copiesOf(tool)).containsExactly(copy);
    assertThat(copied.of(QUAY)).isEqualTo(CONFIGURED);
  }
}
