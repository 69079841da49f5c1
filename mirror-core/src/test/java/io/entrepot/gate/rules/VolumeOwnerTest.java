package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class VolumeOwnerTest extends RuleContract {

  VolumeOwnerTest() {
    super(VolumeOwner.RULE);
  }

  private static String statefulSet(String security, String claim, String more) {
    return """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: { name: db, namespace: data }
        spec:
          selector: { matchLabels: { app: db } }
          template:
            metadata: { labels: { app: db } }
            spec:
              securityContext: { %s }
              %s
              containers: [{ name: db, image: "%s", volumeMounts: [{ name: data, mountPath: /data }] }]
          volumeClaimTemplates: [{ metadata: { name: data }, spec: { %s } }]
        """
        .formatted(security, more, GOOD, claim);
  }

  private static String init(String container) {
    return "initContainers: [{ name: own, image: \"%s\", %s }]".formatted(GOOD, container);
  }

  private static String claimed(String storageClass) {
    return and(
        deployment(GOOD, "volumeMounts: [{ name: v, mountPath: /v }]")
            .replace(
                "containers:",
                "securityContext: { fsGroup: 70 }\n      volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }]\n      containers:"),
        "{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c, namespace: apps }, spec: { accessModes: [ReadWriteOnce]"
            + storageClass
            + " } }");
  }

  @Override
  String check() {
    return CHECK.replace(
        "platforms: [linux/amd64],", "platforms: [linux/amd64], storage: local-path,");
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(statefulSet("fsGroup: 999", "", ""), "has fsGroup"),
        breaking(statefulSet("runAsUser: 999", "", ""), "has runAsUser"),
        breaking(statefulSet("fsGroup: 999", "storageClassName: local-path", ""), "has fsGroup"),
        breaking(claimed(""), "its volume 'v' belongs to root"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(statefulSet("", "", "")),
        sound(statefulSet("runAsUser: 0, fsGroup: 999", "", "")),
        sound(statefulSet("fsGroup: 999", "storageClassName: nfs", "")),
        sound(statefulSet("fsGroup: 999", "", init("command: [sh, -c, \"chown -R 999 /data\"]"))),
        sound(statefulSet("fsGroup: 999", "", init("securityContext: { runAsUser: 0 }"))),
        sound(claimed(", storageClassName: nfs")),
        sound(
            deployment(GOOD, "volumeMounts: [{ name: v, mountPath: /v }]")
                .replace(
                    "containers:",
                    "securityContext: { fsGroup: 70 }\n      volumes: [{ name: v, emptyDir: {} }]\n      containers:")));
  }
}
