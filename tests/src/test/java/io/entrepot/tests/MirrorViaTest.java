package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors that run in the process of a server, asked for by its control socket. */
@Timeout(120)
class MirrorViaTest {

  private final Path folder;
  private final Entrepot entrepot;
  private final TestRegistry source = TestRegistry.start();
  private final TestRegistry target = TestRegistry.start();
  private final Process server;
  private final String socket;

  MirrorViaTest(@TempDir Path folder) throws IOException {
    this.folder = Files.createDirectory(folder.resolve("work"));
    this.entrepot = Entrepot.in(this.folder);
    Path elsewhere = Files.createDirectory(folder.resolve("server"));
    this.socket = elsewhere.resolve("store/control.sock").toString();
    Entrepot serving = Entrepot.in(elsewhere);
    serving.write(
        "proxy.yaml",
        """
        listen: 127.0.0.1:0
        cache: { directory: store }
        registries: { docker.io: {} }
        """);
    this.server = serving.start("serve", "-c", "proxy.yaml");
  }

  @BeforeEach
  void write() throws Exception {
    SampleImage.twoPlatforms(source, "library/app", "1");
    SampleImage.twoPlatforms(source, "library/other", "1");
    entrepot.write(
        "mirror.yaml",
        """
        target: ${TARGET}/mirror
        naming: path
        images: ["%s/library/app:1", "%1$s/library/other:1", "%1$s/library/gone:1"]
        """
            .formatted(source.name()));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    while (!Files.exists(Path.of(socket))) {
      assertThat(server.isAlive() && System.nanoTime() < end).isTrue();
      Thread.sleep(20);
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.destroy();
    assertThat(server.waitFor(15, TimeUnit.SECONDS)).isTrue();
    source.close();
    target.close();
  }

  private Entrepot client() {
    return entrepot.with("TARGET", target.name().toString());
  }

  @Test
  void via_leavesTheSameLockAndReport_asARunOfItsOwn() throws Exception {
    for (String mode : new String[] {"--check", "--dry-run", "--jobs=2"}) {
      Files.deleteIfExists(folder.resolve("images.lock.yaml"));
      Entrepot.Outcome via = client().run("mirror", mode, "--via", socket, "--report", "via.json");
      assertThat(Files.exists(folder.resolve("images.lock.yaml")))
          .isEqualTo(mode.equals("--jobs=2"));
      String lock = mode.equals("--jobs=2") ? entrepot.read("images.lock.yaml") : "";
      if (mode.equals("--jobs=2")) {
        assertThat(target.hasManifest("mirror/library/app", "1")).isTrue();
        assertThat(via.err()).contains("library/gone");
        // What is there already is reported otherwise; the second runs are compared.
        via = client().run("mirror", mode, "--via", socket, "--report", "via.json");
        assertThat(entrepot.read("images.lock.yaml")).isEqualTo(lock);
      }
      Entrepot.Outcome own = client().run("mirror", mode, "--report", "own.json");
      assertThat(entrepot.read("via.json")).isEqualTo(entrepot.read("own.json"));
      assertThat(via.exit()).isEqualTo(own.exit());
      assertThat(via.out()).isEqualTo(own.out());
      if (mode.equals("--jobs=2")) {
        assertThat(entrepot.read("images.lock.yaml")).isEqualTo(lock).contains("library/app:1");
        Files.delete(folder.resolve("images.lock.yaml"));
        assertThat(client().run("mirror", "--report", "fresh.json").exit()).isEqualTo(1);
        assertThat(entrepot.read("images.lock.yaml")).isEqualTo(lock);
      }
    }
  }

  @Test
  void serverThatIsGone_isSaidAtOnce() throws Exception {
    Entrepot.Outcome none = client().run("mirror", "--via", "nowhere.sock");
    assertThat(none.exit()).as(none.all()).isEqualTo(1);
    assertThat(none.err()).contains("no server answers at nowhere.sock", "entrepot serve");
    assertThat(source.requests()).isEmpty();

    var gate = source.on("GET", "/v2/library/app/blobs/.*").hold();
    Process client = client().start("mirror", "--via", socket);
    gate.awaitArrivals(1);
    server.destroyForcibly();
    assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
    gate.open();
    assertThat(client.exitValue()).isEqualTo(1);
    assertThat(entrepot.read(".err")).contains("the server at", "ended before the run did");
    assertThat(folder.resolve("images.lock.yaml")).doesNotExist();
    assertThat(client().run("mirror", "--via", socket).err()).contains("no server answers at");
  }

  @Test
  void ctrlC_stopsTheRunInTheServer_andWritesWhatIsDone() throws Exception {
    var gate = source.on("GET", "/v2/library/other/blobs/.*").hold();
    Process client = client().start("mirror", "--via", socket);
    gate.awaitArrivals(1);
    while (!target.hasManifest("mirror/library/app", "1")) {
      Thread.sleep(20);
    }
    // The copy is asked for again before it goes into the lock.
    int before = -1;
    for (int now = target.requests().size(); now != before; now = target.requests().size()) {
      before = now;
      Thread.sleep(1_000);
    }
    client.destroy();
    assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
    gate.open();
    assertThat(client.exitValue()).isEqualTo(130);
    assertThat(entrepot.read("images.lock.yaml")).contains("library/app:1").doesNotContain("other");
    assertThat(target.hasManifest("mirror/library/other", "1")).isFalse();
    source.clearFaults();
    // The server goes on, and takes the next one.
    client().run("mirror", "--via", socket);
    assertThat(entrepot.read("images.lock.yaml")).contains("library/other:1");
  }

  @Test
  void whatItDoesNotTake_isExit2() throws Exception {
    assertThat(client().run("mirror", "--via", "https://registry.example.com").err())
        .contains("--via takes the socket");
    assertThat(client().run("mirror", "--via", "https://registry.example.com").exit()).isEqualTo(2);
    assertThat(client().run("mirror", "--via", socket, "--every", "6h").exit()).isEqualTo(2);
    assertThat(client().run("mirror", "--via", socket, "--to", "oci:out").exit()).isEqualTo(2);
    entrepot.write("mirror.yaml", "target: x/y\nimages: [\"a b\"]\n");
    Entrepot.Outcome broken = client().run("mirror", "--via", socket);
    assertThat(broken.exit()).isEqualTo(2);
    assertThat(broken.err()).contains("mirror.yaml:2");
  }
}
