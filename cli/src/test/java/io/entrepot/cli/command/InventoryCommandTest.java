package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code inventory} as it is typed, over plain manifests; nobody is asked. */
final class InventoryCommandTest {

  private static final String DIGEST = "sha256:" + "c".repeat(64);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  private Path directory;

  @BeforeEach
  void plant() throws IOException {
    Files.writeString(
        directory.resolve("check.yaml"),
        """
        targets: { prod: { platforms: [linux/amd64], render: [{ manifests: "apps/*.yaml" }] } }
        lock: images.lock.yaml
        """);
    Files.writeString(
        directory.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          quay.io/acme/app:1:
            digest: %s
            target: ghcr.io/acme/mirror/app:1
            platforms: [linux/amd64]
        """
            .formatted(DIGEST));
    Files.createDirectories(directory.resolve("apps"));
    Files.writeString(
        directory.resolve("apps/pod.yaml"),
        """
        apiVersion: v1
        kind: Pod
        metadata: { name: app }
        spec:
          containers:
            - name: app
              image: ghcr.io/acme/mirror/app:1@%s
        """
            .formatted(DIGEST));
    Files.writeString(
        directory.resolve("prod.json"),
        """
        {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "a,1", "namespace": "n"},
          "spec": {"containers": [{"name": "app", "image": "ghcr.io/acme/mirror/app:1"},
                                  {"name": "side", "image": "redis:7"}]}}]}
        """);
  }

  private Run run(String line) {
    return Run.in(directory, Map.of(), line.split(" ", -1));
  }

  @Test
  void jsonHasTheShapeOfTheContract() {
    Run run = run("inventory --pods prod.json --offline -o json");
    assertThat(run.code()).as(run.all()).isEqualTo(4);
    JsonNode images = run.json().get("images");
    assertThat(images).hasSize(2);
    JsonNode redis = images.get(0);
    assertThat(redis.get("reference").asString()).isEqualTo("docker.io/library/redis:7");
    assertThat(redis.get("states").valueStream().map(JsonNode::asString))
        .containsExactly("not-in-git", "not-mirrored", "docker-hub");
    assertThat(redis.get("mirrored").asBoolean()).isFalse();
    assertThat(redis.get("running").get(0).get("cluster").asString()).isEqualTo("prod");
    assertThat(redis.get("running").get(0).get("namespace").asString()).isEqualTo("n");
    assertThat(redis.get("running").get(0).get("pod").asString()).isEqualTo("a,1");
    assertThat(redis.get("running").get(0).get("container").asString()).isEqualTo("side");
    JsonNode app = images.get(1);
    assertThat(app.get("reference").asString()).isEqualTo("ghcr.io/acme/mirror/app:1");
    assertThat(app.get("digest").asString()).isEqualTo(DIGEST);
    assertThat(app.get("states")).isEmpty();
    assertThat(app.get("git").get(0).get("file").asString()).isEqualTo("apps/pod.yaml");
    assertThat(app.get("git").get(0).get("line").asInt()).isEqualTo(7);
    assertThat(app.get("mirrored").asBoolean()).isTrue();
    assertThat(run.json().get("unjudged").get(0).get("reason").asString()).contains("offline");
  }

  @Test
  void csv_oneTable_commasInQuotes() {
    assertThat(run("inventory --pods prod.json --offline -o csv").out())
        .isEqualTo(
            "reference,digest,states,mirrored,file,line,cluster,namespace,pod,container\r\n"
                + "docker.io/library/redis:7,,not-in-git not-mirrored docker-hub,false,,,prod,n,\"a,1\",side\r\n"
                + "ghcr.io/acme/mirror/app:1,%s,,true,apps/pod.yaml,7,prod,n,\"a,1\",app\r\n"
                    .formatted(DIGEST));
  }

  @Test
  void sarif_statesOfWhatHasALine() throws IOException {
    Files.writeString(
        directory.resolve("apps/redis.yaml"),
        "apiVersion: v1\nkind: Pod\nmetadata: { name: r }\nspec: { containers: [{ name: c, image: redis:7 }] }\n");
    JsonNode results = run("inventory --offline -o sarif").json().get("runs").get(0).get("results");
    assertThat(results.valueStream().map(result -> result.get("ruleId").asString()))
        .containsExactly("not-mirrored", "docker-hub");
    JsonNode place = results.get(0).get("locations").get(0).get("physicalLocation");
    assertThat(place.get("artifactLocation").get("uri").asString()).isEqualTo("apps/redis.yaml");
    assertThat(place.get("region").get("startLine").asInt()).isEqualTo(4);
  }

  @Test
  void check_threeWhenSomethingIsFound() {
    assertThat(run("inventory --pods prod.json --offline --check").code()).isEqualTo(3);
  }

  @Test
  void podsThatAreNone_two() throws IOException {
    Files.writeString(directory.resolve("pods.txt"), "NAME READY\n");
    assertThat(run("inventory --pods pods.txt").code()).isEqualTo(2);
    assertThat(run("inventory --pods nowhere.json").code()).isEqualTo(2);
    assertThat(run("inventory --pods x=prod.json --pods x=prod.json").code()).isEqualTo(2);
  }
}
