package io.entrepot.notify;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Something that happened to one image, or to the server.
 *
 * @param id of this event, the same each time it is told
 * @param source the source reference, or what it is about
 * @param target where its copy is; empty where there is none
 * @param oldDigest what the copy's tag meant; empty where that is not known
 * @param newDigest what it means now or was to mean; empty where that is not known
 * @param reason in a sentence; may be empty
 */
public record Event(
    String id,
    EventKind kind,
    Instant time,
    String source,
    String target,
    String oldDigest,
    String newDigest,
    List<String> platforms,
    String reason) {

  /** Copies. */
  public Event {
    platforms = List.copyOf(platforms);
  }

  /** An event about the server itself. */
  public static Event ofServer(EventKind kind, Instant time, String about, String reason) {
    return new Event(
        UUID.randomUUID().toString(), kind, time, about, "", "", "", List.of(), reason);
  }

  /** One line for people. */
  String line() {
    StringBuilder line = new StringBuilder(kind.title()).append(": ").append(source);
    if (kind == EventKind.MOVED) {
      line.append(' ').append(shortened(oldDigest)).append(" → ").append(shortened(newDigest));
    }
    return reason.isEmpty() ? line.toString() : line.append(": ").append(reason).toString();
  }

  /** A digest by the characters that people compare. */
  static String shortened(String digest) {
    int colon = digest.indexOf(':');
    return digest.length() > colon + 13 ? digest.substring(0, colon + 13) + "…" : digest;
  }
}
