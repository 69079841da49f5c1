package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Mirrors that run inside the server, and by themselves. */
@Timeout(120)
class ScheduledMirrorsTest {

  private final Path folder;
  private final Entrepot entrepot;
  private TestRegistry source = TestRegistry.start();
  private TestRegistry target = TestRegistry.start();

  ScheduledMirrorsTest(@TempDir Path folder) {
    this.folder = folder;
    this.entrepot = Entrepot.in(folder);
  }

  @BeforeEach
  void write() throws IOException {
    SampleImage.twoPlatforms(source, "library/app", "1");
    entrepot.write(
        "mirror.yaml",
        """
        target: %s/mirror
        naming: path
        images: ["%s/library/app:1"]
        registries: { "%1$s": {}, "%2$s": {} }
        """
            .formatted(target.name(), source.name()));
    serve("");
  }

  private void serve(String more) throws IOException {
    entrepot.write(
        "proxy.yaml",
        """
        listen: 127.0.0.1:0
        cache: { directory: store }
        registries: { docker.io: {} }
        mirrors: [{ file: mirror.yaml, every: 6h%s }]
        """
            .formatted(more));
  }

  @AfterEach
  void stop() {
    source.close();
    target.close();
  }

  private List<JsonNode> records(Path runs) throws IOException {
    if (!Files.isDirectory(runs)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(runs)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(file -> JsonMapper.shared().readTree(file.toFile()))
          .toList();
    }
  }

  private List<JsonNode> awaitRecords(Process server, Path runs, int count) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    while (records(runs).size() < count) {
      assertThat(server.isAlive() && System.nanoTime() < end)
          .as("%s %s", records(runs), entrepot.read(".err"))
          .isTrue();
      Thread.sleep(20);
    }
    return records(runs);
  }

  /** Waits until nobody asks for anything any more: the other image is done then. */
  private void awaitSilence() throws InterruptedException {
    int before = -1;
    int now = source.requests().size() + target.requests().size();
    while (now != before) {
      Thread.sleep(1_000);
      before = now;
      now = source.requests().size() + target.requests().size();
    }
  }

  private void end(Process server) throws InterruptedException {
    server.destroy();
    assertThat(server.waitFor(15, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void serve_mirrorsAtItsStart_writesLockAndRecord_andHandsTheLockOver() throws Exception {
    Path script = entrepot.write("commit.sh", "cp \"$ENTREPOT_LOCK\" handed\n");
    serve(", onLock: [sh, %s]".formatted(script));
    Path runs = folder.resolve("store/mirrors/mirror");
    Process server = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      JsonNode run = awaitRecords(server, runs, 1).getFirst();
      assertThat(run.path("trigger").asString()).isEqualTo("start");
      assertThat(run.path("started").asString()).endsWith("Z");
      assertThat(run.at("/images/0/outcome").asString()).isEqualTo("copied");
      assertThat(target.hasManifest("mirror/library/app", "1")).isTrue();
      assertThat(entrepot.read("images.lock.yaml")).contains("library/app:1");
      assertThat(entrepot.read("handed")).isEqualTo(entrepot.read("images.lock.yaml"));
    } finally {
      end(server);
    }
    // It has run; the next time is in six hours.
    source.clear();
    Process again = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      while (!entrepot.read(".err").contains("listening on")) {
        Thread.sleep(20);
      }
      assertThat(records(runs)).hasSize(1);
      assertThat(source.requests()).isEmpty();
    } finally {
      end(again);
    }
  }

  @Test
  void policyBesideTheFile_holds() throws Exception {
    entrepot.write("policy.yaml", "minAge: 72h\n");
    Path runs = folder.resolve("store/mirrors/mirror");
    Process server = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      JsonNode run = awaitRecords(server, runs, 1).getFirst();
      assertThat(run.at("/images/0/outcome").asString()).isEqualTo("waiting");
      assertThat(target.hasManifest("mirror/library/app", "1")).isFalse();
      assertThat(entrepot.read("images.lock.yaml")).contains("waiting:");
    } finally {
      end(server);
    }
  }

  @Test
  void brokenAtTheStart_isExit2_withItsLine() throws Exception {
    entrepot.write("mirror.yaml", "target: x/y\nimages: [\"a b\"]\n");
    Entrepot.Outcome broken = entrepot.run("serve", "-c", "proxy.yaml");
    assertThat(broken.exit()).isEqualTo(2);
    assertThat(broken.err()).contains("mirror.yaml:2");
    write();
    entrepot.write("images.lock.yaml", "version: 1\nimages: { nonsense: {} }\n");
    broken = entrepot.run("serve", "-c", "proxy.yaml");
    assertThat(broken.exit()).isEqualTo(2);
    assertThat(broken.err()).contains("images.lock.yaml:2");
    serve(", cron: \"* * * * *\"");
    assertThat(entrepot.run("serve", "-c", "proxy.yaml").err()).contains("every and cron");
  }

  @Test
  void stoppedInARun_writesWhatIsDone_andGoesOn() throws Exception {
    assertThat(entrepot.run("mirror").exit()).isZero();
    Files.delete(folder.resolve("images.lock.yaml"));
    SampleImage.twoPlatforms(source, "library/slow", "1");
    entrepot.write(
        "mirror.yaml",
        """
        target: %s/mirror
        naming: path
        images: ["%s/library/app:1", "%2$s/library/slow:1"]
        """
            .formatted(target.name(), source.name()));
    var gate = source.on("GET", "/v2/library/slow/blobs/.*").hold();
    Path runs = folder.resolve("store/mirrors/mirror");
    Process server = entrepot.start("serve", "-c", "proxy.yaml");
    gate.awaitArrivals(1);
    awaitSilence();
    end(server);
    gate.open();
    assertThat(entrepot.read("images.lock.yaml")).contains("library/app:1").doesNotContain("slow");
    source.clearFaults();
    Process again = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      awaitRecords(again, runs, 2);
      assertThat(entrepot.read("images.lock.yaml")).contains("library/slow:1");
    } finally {
      end(again);
    }
  }

  @Test
  void hook_looksAtTheEntryThatItNames_andAtNoOther() throws Exception {
    SampleImage.twoPlatforms(source, "library/other", "1");
    entrepot.write(
        "mirror.yaml",
        """
        target: %s/mirror
        naming: path
        images: ["%s/library/app:1", "%2$s/library/other:1"]
        """
            .formatted(target.name(), source.name()));
    serve(" }]\nwebhooks: { secret: s3cret }\naccessLog: none\n#");
    Path runs = folder.resolve("store/mirrors/mirror");
    Process server = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      awaitRecords(server, runs, 1);
      String origin =
          "http://" + entrepot.read(".err").replaceAll("(?s).*listening on (\\S+).*", "$1");
      SampleImage.twoPlatforms(source, "library/app", "1");
      source.clear();
      for (String name : List.of("library/nobodys", "library/app")) {
        HttpRequest call =
            HttpRequest.newBuilder(URI.create(origin + "/hooks/harbor"))
                .header("Authorization", "s3cret")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"resources\":[{\"resource_url\":\"%s/%s:1\"}]}}"
                            .formatted(source.name(), name)))
                .build();
        assertThat(HttpClient.newHttpClient().send(call, BodyHandlers.ofString()).statusCode())
            .isEqualTo(202);
      }
      JsonNode run = awaitRecords(server, runs, 2).getLast();
      assertThat(run.path("trigger").asString()).isEqualTo("hook");
      assertThat(run.path("images").size()).isEqualTo(1);
      assertThat(run.at("/images/0/source").asString()).endsWith("library/app:1");
      assertThat(source.requests()).noneMatch(each -> each.path().contains("library/other"));
      assertThat(entrepot.read("images.lock.yaml")).contains("library/other:1", "library/app:1");
    } finally {
      end(server);
    }
  }

  @Test
  void mirrorEvery_runsAlone() throws Exception {
    Entrepot home = entrepot.with("HOME", folder.toString());
    Process process = home.start("mirror", "-c", "mirror.yaml", "--every", "1h");
    try {
      awaitRecords(process, folder.resolve(".cache/entrepot/mirrors/mirror"), 1);
      assertThat(entrepot.read("images.lock.yaml")).contains("library/app:1");
    } finally {
      end(process);
    }
    assertThat(entrepot.run("mirror", "--every", "1h", "--check").exit()).isEqualTo(2);
    assertThat(entrepot.run("mirror", "--every", "soon").exit()).isEqualTo(2);
  }
}
