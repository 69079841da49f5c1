package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.deployment;
import static io.entrepot.gate.rules.Manifests.externalSecret;
import static io.entrepot.gate.rules.Manifests.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

final class SecretMissingTest extends RuleContract {

  SecretMissingTest() {
    super(SecretMissing.RULE);
  }

  private static String needs(String more) {
    return deployment(
        GOOD,
        "env: [{ name: DB, valueFrom: { secretKeyRef: { name: db-app, key: password%s } } }]"
            .formatted(more));
  }

  private static String volume(String volume) {
    return deployment(GOOD)
        .replace("containers:", "volumes: [{ name: v, " + volume + " }]\n      containers:");
  }

  private static String object(String kind, String namespace, String more) {
    return "{ apiVersion: v1, kind: %s, metadata: { name: db-app, namespace: %s }%s }"
        .formatted(kind, namespace, more);
  }

  private static String custom(String api, String kind, String name, String spec) {
    return "{ apiVersion: %s, kind: %s, metadata: { name: %s, namespace: apps }, spec: %s }"
        .formatted(api, kind, name, spec);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(needs(""), "no Secret 'db-app' in the namespace apps; the variable DB"),
        breaking(and(needs(""), object("Secret", "other", "")), "namespace apps"),
        breaking(and(needs(""), object("ConfigMap", "apps", "")), "no Secret 'db-app'"),
        breaking(
            deployment(GOOD, "envFrom: [{ configMapRef: { name: settings } }]"),
            "no ConfigMap 'settings'"),
        breaking(volume("secret: { secretName: tls }"), "the volume 'v' needs it"),
        breaking(
            volume("projected: { sources: [{ configMap: { name: settings } }] }"),
            "no ConfigMap 'settings'"),
        breaking(
            and(needs(""), object("Secret", "apps", ", data: { user: YQ== }")),
            "has no key 'password'"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(needs(", optional: true")),
        sound(and(needs(""), object("Secret", "apps", ""))),
        sound(and(needs(""), object("Secret", "apps", ", stringData: { password: a }"))),
        sound(and(needs(""), externalSecret("SecretStore").replace("ghcr-pull", "db-app"))),
        sound(and(needs(""), custom("bitnami.com/v1alpha1", "SealedSecret", "db-app", "{}"))),
        // An operator makes the secret of its resource.
        sound(and(needs(""), custom("postgresql.cnpg.io/v1", "Cluster", "db", "{}"))),
        sound(
            and(
                needs(""),
                custom("cert-manager.io/v1", "Certificate", "x", "{ secretName: db-app }"))),
        // A job makes it.
        sound(and(needs(""), job("kubectl create secret generic db-app --from-literal=a=b"))),
        sound(volume("configMap: { name: kube-root-ca.crt }")),
        sound(volume("secret: { secretName: \"${SECRET}\" }")));
  }

  @Override
  String check() {
    return CHECK.replace("private:", "floatingTags: [x]\n# private:");
  }

  @Test
  void oneSecretThatManyNeed_isOneFinding() {
    tree.file("rendered/app.yaml", and(needs(""), needs("").replace("name: web,", "name: other,")));
    assertThat(found(tree.offline(check())))
        .singleElement()
        .extracting(Finding::others)
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(1);
  }

  @Test
  void secretThatMayBeInWhatIsNotRendered_isNotJudged() {
    tree.file("rendered/app.yaml", needs(""));
    var report = tree.offline(check().replace("render: [", "render: [{ kustomize: absent }, "));
    assertThat(found(report)).isEmpty();
    assertThat(report.skipped()).anyMatch(each -> each.rule().equals(rule));
  }

  @Test
  void secretThatSomethingElseMakes_isProvided() {
    tree.file("rendered/app.yaml", needs(""));
    assertThat(
            found(
                tree.offline(
                    check() + "provided: [{ kind: Secret, name: 'db-*', reason: by hand }]\n")))
        .isEmpty();
  }

  @Test
  void filesAsTheyStand_mayHaveTheRestElsewhere() {
    tree.file("rendered/app.yaml", needs(""));
    assertThat(found(tree.paths(tree.spec(check()), tree.root().resolve("rendered")))).isEmpty();
  }
}
