package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.externalSecret;
import static io.entrepot.gate.rules.Manifests.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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

  @Test
  void storeThatMayBeInWhatIsNotRendered_isNotJudged() {
    tree.file("rendered/app.yaml", externalSecret("ClusterSecretStore"));
    String check = CHECK.replace("render: [", "render: [{ kustomize: absent }, ");
    GateReport report = tree.offline(check);
    assertThat(found(report)).isEmpty();
    assertThat(report.skipped())
        .filteredOn(each -> each.rule().equals(rule))
        .singleElement()
        .satisfies(each -> assertThat(each.what()).isEqualTo("the ClusterSecretStore 'vault'"));
  }

  @Test
  void storeThatSomethingElseMakes_isProvided() {
    tree.file("rendered/app.yaml", externalSecret("SecretStore"));
    String provided =
        "provided: [{ kind: SecretStore, name: 'vau*', namespace: %s, reason: terraform }]\n";
    assertThat(found(tree.offline(CHECK + provided.formatted("'*'")))).isEmpty();
    assertThat(found(tree.offline(CHECK + provided.formatted("apps")))).isEmpty();
    assertThat(found(tree.offline(CHECK + provided.formatted("other")))).hasSize(1);
  }

  @Test
  void oneStoreThatManyNeed_isOneFindingWithItsPlaces() {
    String secret = externalSecret("SecretStore");
    tree.file(
        "rendered/app.yaml",
        and(
            secret,
            secret.replace("name: pull,", "name: second,"),
            secret.replace("pull,", "third,")));
    assertThat(found(tree.offline(CHECK)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.others()).hasSize(2);
              assertThat(finding.messageWithOthers())
                  .contains("ExternalSecret/apps/second", "ExternalSecret/apps/third");
            });
    String waiver =
        "allow: [{ rule: secret-store-missing, object: ExternalSecret/pull, reason: known }]\n";
    assertThat(found(tree.offline(CHECK + waiver)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(String.valueOf(finding.object())).isEqualTo("ExternalSecret/apps/second");
              assertThat(finding.others()).hasSize(1);
            });
  }
}
