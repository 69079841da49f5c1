package io.entrepot.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is told of a store. */
final class StoreEventsTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @Test
  void fullDisk_isToldWhenItBegins_andWhenItEnds() {
    StoreEvents events = new StoreEvents(0);
    assertThat(events.look(Optional.empty(), 0, NOW)).isEmpty();
    assertThat(events.look(Optional.of("no space"), 0, NOW))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.kind()).isEqualTo(EventKind.DISK);
              assertThat(event.reason()).isEqualTo("no space");
            });
    assertThat(events.look(Optional.of("no space"), 0, NOW)).isEmpty();
    assertThat(events.look(Optional.empty(), 0, NOW))
        .extracting(Event::kind)
        .containsExactly(EventKind.RECOVERED);
  }

  @Test
  void corruptContent_isToldOnce_andNotWhatWasKnownAtTheStart() {
    StoreEvents events = new StoreEvents(3);
    assertThat(events.look(Optional.empty(), 3, NOW)).isEmpty();
    assertThat(events.look(Optional.empty(), 5, NOW))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.kind()).isEqualTo(EventKind.CORRUPT);
              assertThat(event.reason()).startsWith("2 stored contents");
            });
    assertThat(events.look(Optional.empty(), 5, NOW)).isEmpty();
  }
}
