package io.entrepot.gate.rules;

import io.entrepot.gate.GateTree;

/** Objects that rules are tried on. */
final class Manifests {

  static final String DIGEST = GateTree.DIGEST;
  static final String OTHER = GateTree.OTHER;

  /** An image that no rule refuses. */
  static final String GOOD = "quay.io/acme/app:1.2.3@" + DIGEST;

  private Manifests() {}

  static String deployment(String image) {
    return deployment(image, "");
  }

  static String deployment(String image, String more) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: apps }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers:
                - name: web
                  image: %s
        %s"""
        .formatted(image, more.indent(10));
  }

  static String job(String script) {
    return """
        apiVersion: batch/v1
        kind: Job
        metadata: { name: setup, namespace: apps }
        spec:
          template:
            spec:
              containers:
                - name: setup
                  image: %s
                  command: ["sh", "-c"]
                  args:
                    - |
        %s"""
        .formatted(GOOD, script.indent(14));
  }

  static String configMap(String text) {
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: apps }
        data:
          app.conf: |
        %s"""
        .formatted(text.indent(4));
  }

  static String daemonSet(String name, String more) {
    return """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: %s, namespace: %s }
        spec:
          selector: { matchLabels: { app: x } }
          template:
            metadata: { labels: { app: x } }
            spec:
              %s
              containers:
                - name: x
                  image: %s
                  ports: [{ containerPort: 9100, hostPort: 9100 }]
        """
        .formatted(name, name, more, GOOD);
  }

  static String externalSecret(String kind) {
    return """
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: { name: pull, namespace: apps }
        spec:
          secretStoreRef: { name: vault, kind: %s }
          target: { name: ghcr-pull }
        """
        .formatted(kind);
  }

  static String store(String kind, String namespace) {
    return """
        apiVersion: external-secrets.io/v1
        kind: %s
        metadata: { name: vault%s }
        """
        .formatted(kind, namespace.isEmpty() ? "" : ", namespace: " + namespace);
  }

  static String and(String... documents) {
    return String.join("\n---\n", documents);
  }
}
