package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.externalSecret;
import static io.entrepot.gate.rules.Manifests.store;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class SecretStoreMissingTest extends RuleContract {

  SecretStoreMissingTest() {
    super(SecretStoreMissing.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(externalSecret("SecretStore"), "no SecretStore 'vault'"),
        breaking(
            and(externalSecret("SecretStore"), store("SecretStore", "other")), "namespace apps"),
        breaking(externalSecret("ClusterSecretStore"), "no ClusterSecretStore"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(and(externalSecret("SecretStore"), store("SecretStore", "apps"))),
        sound(and(externalSecret("ClusterSecretStore"), store("ClusterSecretStore", ""))));
  }
}
