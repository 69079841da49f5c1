package io.entrepot.notify;

import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events of a mirror's run, out of its report. What was told stays told until it changes: an
 * image that fails in every run is told once, and once more when it is well again.
 */
public final class RunEvents {

  private static final Set<String> TROUBLE = Set.of("refused", "denied", "failed", "quota");

  private final Optional<Path> memory;

  private RunEvents(Optional<Path> memory) {
    this.memory = memory;
  }

  /** Remembers nothing: each run tells all that it finds. */
  public static RunEvents stateless() {
    return new RunEvents(Optional.empty());
  }

  /**
   * @param file what was told; made when it is first written
   */
  public static RunEvents remembering(Path file) {
    return new RunEvents(Optional.of(file));
  }

  /**
   * The events of one run.
   *
   * @param report in the shape of {@code mirror --report}
   */
  public List<Event> of(JsonNode report, Instant now) throws IOException {
    Map<String, String> told = told();
    Map<String, String> tell = new LinkedHashMap<>(told);
    List<Event> events = new ArrayList<>();
    for (JsonNode image : report.path("images")) {
      String source = image.path("source").asString("");
      String before = told.getOrDefault(source, "");
      Optional<Event> event = event(image, now);
      if (event.isEmpty()) {
        if (TROUBLE.contains(before.split(" ", 2)[0])) {
          events.add(event(EventKind.RECOVERED, image, now, ""));
        }
        tell.remove(source);
        continue;
      }
      Event found = event.get();
      if (found.kind() == EventKind.MOVED) {
        tell.remove(source);
        events.add(found);
        continue;
      }
      String what = found.kind().word() + " " + found.newDigest();
      if (!what.equals(before)) {
        events.add(found);
      }
      tell.put(source, what);
    }
    if (!tell.equals(told)) {
      remember(tell);
    }
    return withOneQuota(events);
  }

  /** A quota that is used up stops many images, and is one event. */
  private static List<Event> withOneQuota(List<Event> events) {
    List<Event> quota = events.stream().filter(each -> each.kind() == EventKind.QUOTA).toList();
    if (quota.size() < 2) {
      return events;
    }
    List<Event> others = new ArrayList<>(events);
    others.removeAll(quota);
    Event first = quota.getFirst();
    others.add(
        Event.ofServer(
            EventKind.QUOTA,
            first.time(),
            first.source(),
            "%s (%d images wait for it)".formatted(first.reason(), quota.size())));
    return others;
  }

  private static Optional<Event> event(JsonNode image, Instant now) {
    String error = image.path("error").asString("");
    String drift = image.path("drift").asString("");
    return switch (image.path("outcome").asString("")) {
      case "refused" ->
          Optional.of(
              event(
                  image.hasNonNull("denied") || error.contains("denied")
                      ? EventKind.DENIED
                      : EventKind.REFUSED,
                  image,
                  now,
                  error));
      case "failed" -> Optional.of(event(EventKind.FAILED, image, now, error));
      case "postponed" -> Optional.of(event(EventKind.QUOTA, image, now, error));
      case "waiting" -> Optional.of(event(EventKind.WAITING, image, now, error));
      case "copied" ->
          // A first copy has moved nothing.
          image.path("former").asString("").isEmpty() && !drift.equals("moved")
              ? Optional.empty()
              : Optional.of(event(EventKind.MOVED, image, now, ""));
      default ->
          switch (drift) {
            case "moved" -> Optional.of(event(EventKind.MOVED, image, now, ""));
            case "waiting" -> Optional.of(event(EventKind.WAITING, image, now, error));
            case "gone" ->
                Optional.of(
                    event(EventKind.FAILED, image, now, "it is gone at its source " + error));
            default -> Optional.empty();
          };
    };
  }

  private static Event event(EventKind kind, JsonNode image, Instant now, String reason) {
    List<String> platforms = new ArrayList<>();
    image.path("platforms").forEach(each -> platforms.add(each.asString("")));
    String source = image.path("sourceDigest").asString("");
    String digest = image.path("digest").asString("");
    String former = image.path("former").asString("");
    // Of a check the copy still has the digest, and the source another one.
    boolean ahead = !source.isEmpty() && !source.equals(digest) && former.isEmpty();
    return new Event(
        UUID.randomUUID().toString(),
        kind,
        now,
        image.path("source").asString(""),
        image.path("target").asString(""),
        ahead ? digest : former,
        ahead ? source : digest,
        platforms,
        reason.strip());
  }

  private Map<String, String> told() throws IOException {
    Map<String, String> told = new LinkedHashMap<>();
    if (memory.isPresent() && Files.exists(memory.get())) {
      try {
        JsonMapper.shared()
            .readTree(Files.readString(memory.get()))
            .properties()
            .forEach(each -> told.put(each.getKey(), each.getValue().asString("")));
      } catch (JacksonException e) {
        // A file that was cut: what it held is told once more.
        told.clear();
      }
    }
    return told;
  }

  private void remember(Map<String, String> told) throws IOException {
    if (memory.isPresent()) {
      ObjectNode node = JsonMapper.shared().createObjectNode();
      told.forEach(node::put);
      WholeFile.write(memory.get(), JsonMapper.shared().writeValueAsBytes(node));
    }
  }
}
