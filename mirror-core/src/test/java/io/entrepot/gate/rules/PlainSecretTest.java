package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

final class PlainSecretTest extends RuleContract {

  PlainSecretTest() {
    super(PlainSecret.RULE);
  }

  private static String secret(String more) {
    return "apiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: apps }\n" + more + "\n";
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(secret("data: { password: aHVudGVyMg== }"), "password"),
        breaking(secret("stringData: { token: abc }"), "token"),
        breaking(
            secret("stringData: { url: x, password: abc }")
                .replace(
                    "namespace",
                    "labels: { argocd.argoproj.io/secret-type: repository }, namespace"),
            "password"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(secret("type: kubernetes.io/service-account-token")),
        sound(secret("data: { password: 'ENC[AES256_GCM,data:x]' }\nsops: { mac: x }")),
        sound(secret("stringData: { password: '${DB_PASSWORD}' }")),
        sound(secret("stringData: { password: '<path:kv/data/db#password>' }")),
        sound(secret("data: { password: JHtEQn0= }")),
        sound(secret("data: { ca.crt: aHVudGVyMg== }")),
        sound(secret("data: { .dockerconfigjson: e30= }")),
        sound(
            secret("stringData: { url: x, type: git }")
                .replace(
                    "namespace",
                    "labels: { argocd.argoproj.io/secret-type: repository }, namespace")),
        sound(
            "{ apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: { name: db }, spec: { encryptedData: { a: b } } }"));
  }

  @Test
  void remedy_namesTheFileAndAWayToSealIt() {
    tree.file("rendered/app.yaml", secret("stringData: { token: abc }"));
    assertThat(found(tree.offline(CHECK)).getFirst().remedy())
        .contains("rendered/app.yaml", "kubeseal", "sops");
  }
}
