package io.entrepot.tests;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is told what a mirror found, by the program as it is run. */
@Timeout(120)
class NotifyEndToEndTest {

  private final Entrepot entrepot;
  private final TestRegistry source = TestRegistry.start();
  private final TestRegistry target = TestRegistry.start();
  private final WireMockServer sink = new WireMockServer(options().dynamicPort());

  NotifyEndToEndTest(@TempDir Path folder) {
    this.entrepot = Entrepot.in(folder);
  }

  @BeforeEach
  void write() throws IOException {
    sink.start();
    sink.stubFor(any(anyUrl()).willReturn(ok()));
    SampleImage.twoPlatforms(source, "library/app", "1");
    mirror("notify: [{ webhook: '%s/secret-path' }]".formatted(sink.baseUrl()));
  }

  private void mirror(String more) throws IOException {
    entrepot.write(
        "mirror.yaml",
        """
        target: %s/mirror
        naming: path
        images: ["%s/library/app:1"]
        registries: { "%1$s": {}, "%2$s": {} }
        %3$s
        """
            .formatted(target.name(), source.name(), more));
  }

  @AfterEach
  void stop() {
    sink.stop();
    source.close();
    target.close();
  }

  private void moveTag() {
    SampleImage.list(
        source,
        "library/app",
        "1",
        SampleImage.of("another", "amd64"),
        SampleImage.of("another", "arm64"));
  }

  private List<JsonNode> told() {
    return sink.getAllServeEvents().reversed().stream()
        .map(ServeEvent::getRequest)
        .map(request -> JsonMapper.shared().readTree(request.getBodyAsString()))
        .toList();
  }

  @Test
  void mirror_tagThatMoves_isOneEvent_andNothingElseIs() throws Exception {
    assertThat(entrepot.run("mirror").exit()).isZero();
    assertThat(entrepot.run("mirror").exit()).isZero();
    assertThat(told()).as("a first copy is no move").isEmpty();
    moveTag();
    Entrepot.Outcome moved = entrepot.run("mirror");
    assertThat(moved.exit()).as(moved.all()).isZero();
    assertThat(told())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.path("type").asString()).isEqualTo("dev.entrepot.moved");
              assertThat(event.at("/data/source").asString()).endsWith("library/app:1");
              assertThat(event.at("/data/oldDigest").asString()).startsWith("sha256:");
              assertThat(event.at("/data/newDigest").asString())
                  .startsWith("sha256:")
                  .isNotEqualTo(event.at("/data/oldDigest").asString());
            });
    assertThat(moved.all()).doesNotContain("secret-path");
  }

  @Test
  void check_tellsOfAMove_eachTime() throws Exception {
    assertThat(entrepot.run("mirror").exit()).isZero();
    moveTag();
    assertThat(entrepot.run("mirror", "--check").exit()).isEqualTo(3);
    assertThat(entrepot.run("mirror", "--check").exit()).isEqualTo(3);
    assertThat(told())
        .extracting(event -> event.at("/data/event").asString())
        .containsExactly("moved", "moved");
  }

  @Test
  void sinkThatIsDown_failsNoRun_andIsToldLater() throws Exception {
    mirror("notify: [{ webhook: 'http://127.0.0.1:1/x' }]");
    assertThat(entrepot.run("mirror").exit()).isZero();
    moveTag();
    Entrepot.Outcome moved = entrepot.run("mirror");
    assertThat(moved.exit()).as(moved.all()).isZero();
    assertThat(moved.err()).contains("webhook #1 is not told");
  }

  @Test
  void notifyTest_saysWhichSinkDidNotTakeIt() throws Exception {
    Entrepot.Outcome good = entrepot.run("notify", "test", "-c", "mirror.yaml");
    assertThat(good.exit()).as(good.all()).isZero();
    assertThat(told()).hasSize(1);
    mirror(
        "notify: [{ webhook: 'http://127.0.0.1:1/x' }, { slack: '%s/y' }]"
            .formatted(sink.baseUrl()));
    Entrepot.Outcome bad = entrepot.run("notify", "test");
    assertThat(bad.exit()).isEqualTo(1);
    assertThat(bad.err()).contains("webhook #1: not told");
    assertThat(bad.out()).contains("slack #2: told");
  }

  @Test
  void serve_tellsOfWhatItsMirrorsFind() throws Exception {
    assertThat(entrepot.run("mirror").exit()).isZero();
    moveTag();
    entrepot.write(
        "proxy.yaml",
        """
        listen: 127.0.0.1:0
        cache: { directory: store }
        mirrors: [{ file: mirror.yaml, every: 6h }]
        notify: [{ webhook: '%s/serve' }]
        """
            .formatted(sink.baseUrl()));
    Process server = entrepot.start("serve", "-c", "proxy.yaml");
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (told().isEmpty() && System.nanoTime() < end) {
        Thread.sleep(50);
      }
      assertThat(told())
          .singleElement()
          .satisfies(event -> assertThat(event.at("/data/event").asString()).isEqualTo("moved"));
    } finally {
      server.destroy();
      assertThat(server.waitFor(15, TimeUnit.SECONDS)).isTrue();
    }
  }
}
