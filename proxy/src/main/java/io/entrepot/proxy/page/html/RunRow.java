package io.entrepot.proxy.page.html;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run of a mirror on the page.
 *
 * @param took in words, or null
 * @param problem why the run came to nothing, or what its lock was not handed to, or null
 */
record RunRow(
    String run,
    @Nullable Moment started,
    @Nullable String took,
    String trigger,
    @Nullable String problem,
    List<Count> counts,
    List<ImageRow> images) {

  /** Images that were shown of a run at most. */
  private static final int MOST = 500;

  /**
   * How many images came out in one way.
   *
   * @param mark {@code good}, {@code warn}, {@code bad} or {@code even}
   */
  record Count(String words, String mark) {}

  /** An image of a run. */
  record ImageRow(
      String source, String outcome, String mark, String digest, @Nullable String error) {}

  static RunRow of(Frame frame, ObjectNode run) {
    Instant started = instant(run.path("started"));
    Instant ended = instant(run.path("ended"));
    Map<String, Integer> outcomes = new TreeMap<>();
    run.path("images")
        .forEach(
            image -> outcomes.merge(image.path("outcome").asString("unknown"), 1, Integer::sum));
    return new RunRow(
        run.path("run").asString(""),
        frame.moment(started),
        started == null || ended == null ? null : took(Duration.between(started, ended)),
        run.path("trigger").asString("–"),
        problem(run),
        outcomes.entrySet().stream()
            .map(each -> new Count(each.getValue() + " " + each.getKey(), mark(each.getKey())))
            .toList(),
        run.path("images").valueStream().limit(MOST).map(RunRow::image).toList());
  }

  private static @Nullable String problem(ObjectNode run) {
    String text = run.path("error").asString(run.path("onLock").asString(""));
    return text.isEmpty() ? null : text;
  }

  private static ImageRow image(JsonNode image) {
    String outcome = image.path("outcome").asString("unknown");
    String error = image.path("error").asString("");
    return new ImageRow(
        image.path("source").asString("–"),
        outcome,
        mark(outcome),
        Words.digest(image.path("digest").asString("–")),
        error.isEmpty() ? null : error);
  }

  private static String mark(String outcome) {
    return switch (outcome) {
      case "copied" -> "good";
      case "refused", "failed" -> "bad";
      case "postponed", "waiting" -> "warn";
      default -> "even";
    };
  }

  private static String took(Duration time) {
    return time.toMinutes() < 2 ? time.toSeconds() + " s" : time.toMinutes() + " min";
  }

  private static @Nullable Instant instant(JsonNode time) {
    try {
      return time.isString() ? Instant.parse(time.asString()) : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
