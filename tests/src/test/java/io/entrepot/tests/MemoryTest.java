package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose heap is too small for what they are given. */
class MemoryTest {

  @TempDir Path folder;

  @Test
  void check_treeThatDoesNotFitTheHeap_saysSoAndEnds() throws Exception {
    tree(folder.resolve("rendered"));

    Entrepot.Outcome outcome = Entrepot.in(folder).withHeap("24m").run("check", "rendered");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("out of memory")
        .contains("a heap of")
        .contains("ENTREPOT_JAVA_OPTIONS=-Xmx")
        .doesNotContain("\tat ");
  }

  private static void tree(Path target) throws IOException {
    Files.createDirectories(target);
    for (int file = 0; file < 150; file++) {
      StringBuilder text = new StringBuilder();
      for (int map = 0; map < 40; map++) {
        text.append(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-%d-%d\n"
                    .formatted(file, map))
            .append("data:\n");
        for (int key = 0; key < 40; key++) {
          text.append("  key-%d-%d: value %d %d\n".formatted(map, key, file, key));
        }
      }
      Files.writeString(target.resolve("settings-%d.yaml".formatted(file)), text);
    }
  }
}
