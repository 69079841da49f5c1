package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardProxiesTest {

  @ParameterizedTest
  @CsvSource({
    "ghcr.io, true",
    "registry.corp.example, false",
    "corp.example, false",
    "notcorp.example, true",
    "10.1.2.3, false",
    "11.1.2.3, true",
    "other.example:5000, false",
    "other.example:5001, true",
    "localhost, false",
  })
  void select_noProxyRules(String registry, boolean proxied) {
    ForwardProxies proxies =
        ForwardProxies.fromEnvironment(
            Map.of(
                "HTTPS_PROXY",
                "http://user:pa%20ss@proxy.example:3128",
                "ALL_PROXY",
                "socks5://socks.example",
                "NO_PROXY",
                "corp.example, 10.0.0.0/8 ,other.example:5000"));

    var selected = proxies.select(Origin.of(new RegistryName(registry)));

    assertThat(selected != null).isEqualTo(proxied);
    if (selected != null) {
      assertThat(selected.getHost()).isEqualTo("proxy.example");
      assertThat(selected.getPort()).isEqualTo(3128);
      assertThat(selected.getPassword()).isEqualTo("pa ss");
    }
  }

  @Test
  void fromEnvironment_notAnAddress_namesTheVariableNotTheValue() {
    assertThatThrownBy(
            () -> ForwardProxies.fromEnvironment(Map.of("HTTPS_PROXY", "ftp://me:secret@x")))
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageNotContaining("secret");
  }
}
