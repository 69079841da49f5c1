package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's five minutes: from a tree to a green check, as a new user types it. */
final class FirstHourTest {

  @Test
  void initMirrorPinCheck_green(@TempDir Path directory) throws IOException {
    try (TestRegistry source = TestRegistry.start();
        TestRegistry target = TestRegistry.start()) {
      TestImages.multiPlatform("linux/amd64", "linux/arm64").push(source, "acme/app", "1.2.0");
      TestImages.index(
              TestImages.builder("linux/amd64").annotation("x", "y").build(),
              TestImages.builder("linux/arm64").annotation("x", "y").build())
          .push(source, "acme/redis", "7.2");
      for (String name : new String[] {"local", "prod"}) {
        Path folder = Files.createDirectories(directory.resolve("env/" + name));
        Files.writeString(
            folder.resolve("app.yaml"),
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: app, namespace: shop-%1$s }
            spec:
              selector: { matchLabels: { app: app } }
              template:
                metadata: { labels: { app: app } }
                spec:
                  containers:
                    - name: app
                      image: %2$s/acme/app:1.2.0
                    - name: cache
                      image: %2$s/acme/redis:7.2
            """
                .formatted(name, source.name()));
      }
      String init = "init --target %s/team/mirror".formatted(target.name());
      for (String line : new String[] {init, "mirror", "pin .", "check"}) {
        Run run = Run.in(directory, Map.of(), line.split(" ", -1));
        assertThat(run.code()).as(line + "\n" + run.all()).isZero();
      }
      assertThat(Files.readString(directory.resolve("check.yaml")))
          .contains("  local:\n", "  prod:\n");
      assertThat(Files.readString(directory.resolve("env/prod/app.yaml")))
          .contains("%s/team/mirror/acme-app:1.2.0@sha256:".formatted(target.name()));
      Run again = Run.in(directory, Map.of(), "inventory", "--check", "-o", "json");
      assertThat(again.code()).as(again.all()).isZero();
    }
  }
}
