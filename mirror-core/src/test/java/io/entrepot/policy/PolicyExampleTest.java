package io.entrepot.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.SpecLoader;
import io.entrepot.testing.Schemas;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example of a policy, its schema and its reader say the same. */
class PolicyExampleTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void example_isLoadedWithoutAnyVariable() throws Exception {
    Path example = Path.of("../config/policy.yaml");
    Policy policy = new SpecLoader(name -> null).load(example, PolicyReader::read);
    assertThat(policy.rules()).hasSize(3);
    assertThat(policy.denied()).hasSize(1);
    assertThat(policy.admitted()).hasSize(1);
    assertThat(Schemas.complaints("policy", Files.readString(example))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minage: 72h",
        "minAge: 72",
        "rules: [{ minAge: 1h }]",
        "rules: [{ match: ghcr.io/x, attestations: [a] }]",
        "rules: [{ match: ghcr.io/x, unsigned: why, deny: why }]",
        "rules: [{ match: ghcr.io/x, signedBy: [] }]",
        "rules: [{ match: ghcr.io/x, signedBy: [{}] }]",
        "rules: [{ match: ghcr.io/x, signedBy: [{ notation: { ca: a, identity: CN=a } }] }]",
        "deny: [{ digest: 'sha256:1', reason: a }]",
        "admit: [{ digest: 'sha256:1', reason: a }]",
        "hook: []",
      })
  void mistake_isRefusedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("policy.yaml"), text);
    assertThatThrownBy(() -> new SpecLoader(name -> null).load(file, PolicyReader::read))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("policy", text)).isNotEmpty();
  }
}
