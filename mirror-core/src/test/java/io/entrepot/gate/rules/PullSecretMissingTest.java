package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.deployment;
import static io.entrepot.gate.rules.Manifests.externalSecret;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

final class PullSecretMissingTest extends RuleContract {

  PullSecretMissingTest() {
    super(PullSecretMissing.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(
            deployment("ghcr.io/acme/mirror/app@" + DIGEST),
            "neither the pod nor its service account"),
        breaking(
            deployment("ghcr.io/acme/app@" + DIGEST)
                .replace(
                    "spec:\n      containers",
                    "spec:\n      imagePullSecrets: [{ name: ghcr-pull }]\n      containers"),
            "not in the namespace apps"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(
            and(
                deployment("ghcr.io/acme/app@" + DIGEST)
                    .replace(
                        "spec:\n      containers",
                        "spec:\n      imagePullSecrets: [{ name: ghcr-pull }]\n      containers"),
                externalSecret("SecretStore"))),
        sound(
            and(
                deployment("ghcr.io/acme/app@" + DIGEST),
                "{ apiVersion: v1, kind: Secret, metadata: { name: s, namespace: apps } }",
                "{ apiVersion: v1, kind: ServiceAccount, metadata: { name: default, namespace: apps }, imagePullSecrets: [{ name: s }] }")),
        sound(deployment("ghcr.io/others/app@" + DIGEST)));
  }

  @Test
  void secretThatMayBeInWhatIsNotRendered_isNotJudged() {
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/app@" + DIGEST));
    GateReport report =
        tree.offline(CHECK.replace("render: [", "render: [{ kustomize: absent }, "));
    assertThat(found(report)).isEmpty();
    assertThat(report.skipped())
        .filteredOn(each -> each.rule().equals(rule))
        .singleElement()
        .satisfies(each -> assertThat(each.what()).contains("Deployment/apps/web", "'default'"));
  }
}
