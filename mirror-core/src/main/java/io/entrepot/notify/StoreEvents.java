package io.entrepot.notify;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The events of a store: each trouble when it begins and when it ends. One thread at a time. */
public final class StoreEvents {

  private static final String DISK = "the store";

  private boolean troubled;
  private long corruptions;

  /**
   * @param corruptions as many as are known already
   */
  public StoreEvents(long corruptions) {
    this.corruptions = corruptions;
  }

  /**
   * What is new since the last look.
   *
   * @param trouble why the store cannot be written; empty where it can
   * @param found how many stored contents were found without their digest so far
   */
  public List<Event> look(Optional<String> trouble, long found, Instant now) {
    List<Event> events = new ArrayList<>();
    if (trouble.isPresent() != troubled) {
      troubled = trouble.isPresent();
      events.add(
          Event.ofServer(
              troubled ? EventKind.DISK : EventKind.RECOVERED,
              now,
              DISK,
              trouble.orElse("it can be written again")));
    }
    if (found > corruptions) {
      events.add(
          Event.ofServer(
              EventKind.CORRUPT,
              now,
              DISK,
              "%d stored contents did not have their digest any more; they were put aside and are fetched anew"
                  .formatted(found - corruptions)));
      corruptions = found;
    }
    return events;
  }
}
