package io.entrepot.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Which events a run has. */
final class RunEventsTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private static List<Event> of(RunEvents events, String... images) throws IOException {
    return events.of(
        JsonMapper.shared().readTree("{\"images\":[" + String.join(",", images) + "]}"), NOW);
  }

  private static String image(String source, String outcome, String more) {
    return "{\"source\":\"%s\",\"target\":\"t\",\"outcome\":\"%s\",\"platforms\":[]%s}"
        .formatted(source, outcome, more);
  }

  @Test
  void firstCopy_isNoMove_andAMovedTagIsOne() throws IOException {
    RunEvents events = RunEvents.stateless();
    assertThat(of(events, image("a:1", "copied", ",\"digest\":\"sha256:n\",\"former\":null")))
        .isEmpty();
    assertThat(of(events, image("a:1", "unchanged", ",\"drift\":\"quiet\""))).isEmpty();
    assertThat(
            of(events, image("a:1", "copied", ",\"digest\":\"sha256:n\",\"former\":\"sha256:o\"")))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.kind()).isEqualTo(EventKind.MOVED);
              assertThat(event.oldDigest()).isEqualTo("sha256:o");
              assertThat(event.newDigest()).isEqualTo("sha256:n");
            });
  }

  @Test
  void troubleThatStays_isToldOnce_andItsEndOnce() throws IOException {
    Path file = directory.resolve("told.json");
    String failed = image("a:1", "failed", ",\"error\":\"no answer\"");
    assertThat(of(RunEvents.remembering(file), failed)).hasSize(1);
    assertThat(of(RunEvents.remembering(file), failed)).isEmpty();
    assertThat(of(RunEvents.remembering(file), image("a:1", "refused", ",\"error\":\"no arm64\"")))
        .singleElement()
        .satisfies(event -> assertThat(event.kind()).isEqualTo(EventKind.REFUSED));
    assertThat(of(RunEvents.remembering(file), image("a:1", "unchanged", "")))
        .singleElement()
        .satisfies(event -> assertThat(event.kind()).isEqualTo(EventKind.RECOVERED));
    assertThat(of(RunEvents.remembering(file), image("a:1", "unchanged", ""))).isEmpty();
  }

  @Test
  void waiting_isToldForEachDigest_andItsEndIsNoRecovery() throws IOException {
    Path file = directory.resolve("told.json");
    String first =
        image("a:1", "waiting", ",\"digest\":\"sha256:o\",\"sourceDigest\":\"sha256:x\"");
    assertThat(of(RunEvents.remembering(file), first)).hasSize(1);
    assertThat(of(RunEvents.remembering(file), first)).isEmpty();
    assertThat(of(RunEvents.remembering(file), first.replace(":x", ":y"))).hasSize(1);
    assertThat(of(RunEvents.remembering(file), image("a:1", "unchanged", ""))).isEmpty();
  }

  @Test
  void stateless_repeatsItself() throws IOException {
    RunEvents events = RunEvents.stateless();
    String failed = image("a:1", "failed", ",\"error\":\"no answer\"");
    assertThat(of(events, failed)).hasSize(1);
    assertThat(of(events, failed)).hasSize(1);
  }

  @Test
  void usedUpQuota_isOneEvent_whateverWaits() throws IOException {
    assertThat(
            of(
                RunEvents.stateless(),
                image("a:1", "postponed", ",\"error\":\"quota\""),
                image("b:1", "postponed", ",\"error\":\"quota\""),
                image("c:1", "copied", ",\"former\":\"sha256:o\"")))
        .extracting(Event::kind)
        .containsExactlyInAnyOrder(EventKind.MOVED, EventKind.QUOTA);
  }

  @Test
  void memoryThatWasCut_tellsOnceMore() throws IOException {
    Path file = directory.resolve("told.json");
    Files.writeString(file, "{\"a:1\":");
    assertThat(of(RunEvents.remembering(file), image("a:1", "failed", ""))).hasSize(1);
  }
}
