package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

final class UnschedulableTest extends RuleContract {

  UnschedulableTest() {
    super(Unschedulable.RULE);
  }

  private static String pod(String more) {
    return deployment(GOOD).replace("containers:", more + "\n      containers:");
  }

  private static String affinity(String expression) {
    return pod(
        "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ "
            + expression
            + " }] }] } } }");
  }

  @Override
  String check() {
    return CHECK.replace(
        "platforms: [linux/amd64],",
        "platforms: [linux/amd64], nodes: [{ labels: { pool: apps } }, { labels: { pool: gpu },"
            + " taints: [{ key: gpu, value: \"yes\", effect: NoSchedule }, \"spot:PreferNoSchedule\"] }],");
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(pod("nodeSelector: { pool: dev }"), "pool=dev"),
        breaking(affinity("key: pool, operator: In, values: [dev, test]"), "pool=dev|test"),
        breaking(affinity("key: zone, operator: Exists"), "zone"),
        breaking(pod("nodeSelector: { kubernetes.io/arch: arm64 }"), "arch=arm64"),
        breaking(pod("nodeSelector: { pool: gpu }"), "toleration of gpu=yes:NoSchedule"),
        breaking(
            pod(
                "nodeSelector: { pool: gpu }\n      tolerations: [{ key: gpu, value: \"no\", effect: NoSchedule }]"),
            "toleration of gpu"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        sound(deployment(GOOD)),
        sound(pod("nodeSelector: { pool: apps }")),
        sound(pod("nodeSelector: { kubernetes.io/arch: amd64, kubernetes.io/os: linux }")),
        sound(pod("nodeSelector: { topology.kubernetes.io/zone: eu-1 }")),
        sound(affinity("key: pool, operator: NotIn, values: [gpu]")),
        sound(
            pod(
                "nodeSelector: { pool: gpu }\n      tolerations: [{ key: gpu, value: \"yes\", effect: NoSchedule }]")),
        sound(pod("nodeSelector: { pool: gpu }\n      tolerations: [{ operator: Exists }]")),
        sound(pod("nodeSelector: { pool: dev }").replace("kind: Deployment", "kind: DaemonSet")),
        sound(
            pod("nodeSelector: { pool: dev }")
                .replace("  selector:", "  replicas: 0\n  selector:")));
  }
}
