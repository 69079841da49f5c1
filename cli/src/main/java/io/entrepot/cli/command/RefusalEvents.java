package io.entrepot.cli.command;

import io.entrepot.notify.Event;
import io.entrepot.notify.EventKind;
import io.entrepot.proxy.admission.Withheld;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The events of a server's policy: what clients ask for and do not get, each when it is new. One
 * thread at a time.
 */
final class RefusalEvents {

  private final Set<String> told = new HashSet<>();

  /**
   * What is new since the last look.
   *
   * @param refused everything that is refused now; what is no longer among it may be told again
   */
  List<Event> look(List<Withheld> refused, Instant now) {
    List<Event> events = new ArrayList<>();
    Set<String> all = new HashSet<>();
    for (Withheld each : refused) {
      EventKind kind = kind(each);
      String name = each.repository() + "@" + each.digest();
      all.add(kind.word() + ' ' + name);
      if (told.add(kind.word() + ' ' + name)) {
        events.add(
            new Event(
                UUID.randomUUID().toString(),
                kind,
                now,
                name,
                "",
                "",
                each.digest().toString(),
                List.of(),
                reason(each)));
      }
    }
    told.retainAll(all);
    return events;
  }

  private static EventKind kind(Withheld each) {
    if (each.until() != null) {
      return EventKind.WAITING;
    }
    return each.denied() ? EventKind.DENIED : EventKind.REFUSED;
  }

  private static String reason(Withheld each) {
    String reason = each.reason();
    return reason == null
        ? "a client asked for it; it is too young, and is admitted from %s on"
            .formatted(each.until())
        : "a client asked for it; " + reason;
  }
}
