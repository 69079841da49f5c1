package io.entrepot.proxy.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class MirrorRunsTest {

  @TempDir private Path directory;

  private MirrorRuns runs(String... configured) {
    return new MirrorRuns(directory.resolve("mirrors"), Set.of(configured));
  }

  private void report(String time) throws Exception {
    Path folder = Files.createDirectories(directory.resolve("mirrors/old"));
    Files.writeString(folder.resolve(time + ".json"), "{\"images\":[]}");
  }

  @Test
  void configuredMirror_isThereBeforeItsFirstRun() {
    assertThat(runs("images").names()).containsExactly("images");
    assertThat(runs("images").of("images", name -> true)).hasValue(List.of());
    assertThat(runs("images").of("others", name -> true)).isEmpty();
  }

  @Test
  void mirrorThatIsNotConfiguredAnyMore_keepsItsRuns() throws Exception {
    report("2026-11-27T10:00:00.000Z");
    assertThat(runs("images").names()).containsExactly("images", "old");
    assertThat(runs().of("old", name -> true).orElseThrow()).hasSize(1);
  }

  @Test
  void whatLiesBesideReports_isNoRun() throws Exception {
    report("2026-11-27T10:00:00.000Z");
    Files.writeString(directory.resolve("mirrors/old/.running"), "2026-11-27T10:00:00Z\n");
    Files.writeString(directory.resolve("mirrors/old/.new"), "{");
    Files.writeString(directory.resolve("mirrors/notes"), "");
    assertThat(runs().names()).containsExactly("old");
    assertThat(runs().of("old", name -> true).orElseThrow()).hasSize(1);
  }

  @Test
  void parts_leadThroughAllRuns_theNewestFirst() throws Exception {
    for (int hour = 10; hour < 15; hour++) {
      report("2026-11-27T%d:00:00.000Z".formatted(hour));
    }
    List<ObjectNode> all = runs().of("old", name -> true).orElseThrow();
    Page<ObjectNode> first = MirrorRuns.part(all, new PageRequest(3, null));
    assertThat(first.items())
        .map(run -> run.path("run").asString())
        .containsExactly(
            "2026-11-27T14:00:00.000Z", "2026-11-27T13:00:00.000Z", "2026-11-27T12:00:00.000Z");
    Page<ObjectNode> second = MirrorRuns.part(all, new PageRequest(3, first.next()));
    assertThat(second.items()).hasSize(2);
    assertThat(second.next()).isNull();
  }
}
