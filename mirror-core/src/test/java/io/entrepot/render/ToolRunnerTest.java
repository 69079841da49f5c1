package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.render.ToolRun.ToolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolRunnerTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private ToolRunner runner(boolean online) {
    return new ToolRunner(directory, Duration.ofSeconds(30), online);
  }

  @Test
  void whatHelmSays_isToldWithoutItsAdvice() {
    assertThat(
            ToolRunner.withoutAdvice(
                "WARNING: x\nError: execution error at (a/templates/d.yaml:1:3): x is needed\n\nUse --debug flag to render out invalid YAML"))
        .isEqualTo("execution error at (a/templates/d.yaml:1:3): x is needed");
  }

  @Test
  void pathsOfThisMachine_areNotTold() {
    assertThat(runner(false).message("open " + directory + "/a/b.yaml in " + directory + ": no"))
        .isEqualTo("open a/b.yaml in the tree: no");
  }

  @Test
  void longMessage_isCut() {
    assertThat(runner(false).message("x".repeat(5_000))).hasSize(801).endsWith("…");
  }

  @Test
  void withoutOnline_theProgramsProxyLeadsNowhere() throws Exception {
    List<String> command = List.of("sh", "-c", "echo \"$https_proxy\"; pwd");
    ToolRun offline = runner(false).run(command);
    assertThat(offline.output().lines().toList())
        .containsExactly("http://127.0.0.1:9", directory.toRealPath().toString());
    assertThat(runner(true).run(command).output()).doesNotContain("127.0.0.1:9");
  }

  @Test
  void failingProgram_givesStatusAndErrors() throws Exception {
    ToolRun run = runner(false).run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"));
    assertThat(run).isEqualTo(new ToolRun(3, "out\n", "err\n"));
  }

  @Test
  void programThatIsNotThere_isMissing() {
    assertThatThrownBy(() -> runner(false).run(List.of("no-such-program")))
        .isInstanceOfSatisfying(ToolException.class, e -> assertThat(e.missing).isTrue());
  }

  @Test
  void fetchThatWasStopped_isToldWithoutTheWayThatLedNowhere() {
    String said =
        "Get \"https://x.example.org/index.yaml\": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused";
    assertThat(ToolRunner.isStoppedFetch(said)).isTrue();
    assertThat(ToolRunner.stoppedFetch(said))
        .contains("https://x.example.org/index.yaml", "--online")
        .doesNotContain("127.0.0.1");
    assertThat(ToolRunner.isStoppedFetch("nil pointer")).isFalse();
  }
}
