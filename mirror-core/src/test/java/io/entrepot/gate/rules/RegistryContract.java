package io.entrepot.gate.rules;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.oci.ImageReference;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trees that are checked against a registry on loopback. */
@Timeout(60)
abstract class RegistryContract {

  private final Vertx vertx = Vertx.vertx();

  static final String BOTH =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: "app.yaml" }] }
        dev: { platforms: [linux/amd64], render: [{ manifests: "app.yaml" }] }
      """;

  static final String DEV =
      "targets: { dev: { platforms: [linux/amd64], render: [{ manifests: app.yaml }] } }\n";

  final TestRegistry registry = TestRegistry.start();
  final RegistryClient client = TestClients.impatient(vertx);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
    vertx.close().await();
  }

  void deploy(Object... images) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < images.length; i++) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Pod
          metadata: { name: pod-%d }
          spec: { containers: [{ name: c, image: "%s" }] }
          """
              .formatted(i, images[i]));
    }
    tree.file("app.yaml", text.toString());
  }

  String push(TestImage image, String repository, String tag) {
    ImageReference reference = image.push(registry, repository, tag);
    return reference.repository().at(image.digest()).toString();
  }

  GateReport check(String check) {
    return tree.online(check, client);
  }
}
