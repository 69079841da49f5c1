package io.entrepot.proxy.page.html;

import java.time.Instant;
import java.util.List;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is the same on every page.
 *
 * @param title of the page
 * @param base before every address: empty, or {@code /PATH}
 * @param room which part of the navigation this is in
 * @param user who looks, or null
 * @param login whether nobody is logged in, and could be
 * @param address under which clients reach this registry: host and port
 * @param now when it is shown
 */
public record Frame(
    String title,
    String base,
    String room,
    @Nullable String user,
    boolean login,
    String address,
    Instant now) {

  /** A part of the navigation. */
  record Room(String href, String label, boolean current) {}

  /** The same with another title. */
  public Frame titled(String other) {
    return new Frame(other, base, room, user, login, address, now);
  }

  List<Room> rooms() {
    return Stream.of(
            "", "Overview",
            "images", "Images",
            "upstreams", "Upstreams",
            "fills", "Fetches",
            "mirrors", "Mirrors",
            "held", "Held back",
            "store", "Store")
        .gather(Gatherers.windowFixed(2))
        .map(pair -> new Room(base + "/" + pair.get(0), pair.get(1), pair.get(0).equals(room)))
        .toList();
  }

  @Nullable Moment moment(@Nullable Instant instant) {
    return Moment.of(instant, now);
  }
}
