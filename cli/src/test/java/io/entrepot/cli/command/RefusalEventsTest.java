package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.notify.Event;
import io.entrepot.notify.EventKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.Withheld;
import io.entrepot.store.RepositoryId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of what a server's policy refuses. */
class RefusalEventsTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final RepositoryId APP =
      new RepositoryId(new RegistryName("docker.io"), "acme/app");

  private static Digest digest(String of) {
    return Digest.of(of.getBytes(UTF_8));
  }

  @Test
  void eachRefusal_isToldOnce_byItsKind() {
    Withheld denied = new Withheld(APP, digest("a"), null, null, "it is denied: poisoned", true);
    Withheld unsigned = new Withheld(APP, digest("b"), null, null, "nobody has signed it", false);
    Withheld young = new Withheld(APP, digest("c"), NOW, NOW.plusSeconds(60), null, false);
    RefusalEvents events = new RefusalEvents();

    List<Event> first = events.look(List.of(denied, unsigned, young), NOW);

    assertThat(first)
        .extracting(Event::kind)
        .containsExactly(EventKind.DENIED, EventKind.REFUSED, EventKind.WAITING);
    assertThat(first.getFirst().source()).isEqualTo("docker.io/acme/app@" + digest("a"));
    assertThat(first.getFirst().reason()).contains("poisoned");
    assertThat(events.look(List.of(denied, unsigned, young), NOW)).isEmpty();
    assertThat(events.look(List.of(), NOW)).isEmpty();
    assertThat(events.look(List.of(denied), NOW)).hasSize(1);
  }
}
