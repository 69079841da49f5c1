package io.entrepot.cli.output;

import io.entrepot.mirror.ImageResult;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run did ({@code mirror}, {@code copy}, {@code --report}). */
public final class ReportOutput {

  private ReportOutput() {}

  /** The report as the JSON document of {@code --output json} and {@code --report}. */
  public static ObjectNode json(MirrorReport report) {
    ObjectNode root = Json.object();
    ArrayNode images = root.putArray("images");
    for (ImageResult result : report.images()) {
      ObjectNode node = images.addObject();
      node.put("source", result.source().toString());
      node.put("target", result.target().toString());
      node.put("outcome", result.outcome().word());
      node.put("digest", text(result.digest()));
      node.put("drift", result.drift() == null ? null : result.drift().word());
      node.put("sourceDigest", text(result.atSource()));
      node.put("former", text(result.former()));
      node.set("platforms", Json.texts(result.platforms()));
      node.putObject("bytes")
          .put("copied", result.bytes().copied())
          .put("mounted", result.bytes().mounted())
          .put("skipped", result.bytes().skipped());
      node.put("error", result.error());
      node.put("remedy", result.remedy());
      node.set("notes", Json.texts(result.notes()));
    }
    ObjectNode requests = root.putObject("requests");
    report
        .requests()
        .forEach(
            (host, kinds) -> {
              ObjectNode node = requests.putObject(host);
              kinds.forEach(node::put);
            });
    ObjectNode pulls = root.putObject("pulls");
    report
        .pulls()
        .forEach(
            (registry, spent) ->
                pulls
                    .putObject(registry.value())
                    .put("spent", spent.spent())
                    .put("remainingBefore", spent.remainingBefore())
                    .put("remainingAfter", spent.remainingAfter()));
    return root;
  }

  /** One line for an image that is done. */
  public static String line(ImageResult result) {
    String amounts =
        Stream.of(
                amount(result.bytes().copied(), "copied"),
                amount(result.bytes().mounted(), "mounted"),
                amount(result.bytes().skipped(), "there already"))
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(", "));
    return "%-9s  %s -> %s%s"
        .formatted(
            result.outcome().word(),
            result.source(),
            result.target(),
            amounts.isEmpty() ? "" : "  (" + amounts + ")");
  }

  /** For people: what failed and why, and the sums. */
  public static void print(Console console, MirrorReport report) {
    for (ImageResult result : report.images()) {
      if (result.error() != null) {
        String message = "%s: %s".formatted(result.source(), withRemedy(result));
        if (result.outcome() == Outcome.POSTPONED) {
          console.warn(message);
        } else {
          console.error(message);
        }
      }
      result
          .notes()
          .forEach(
              note -> console.note("note: " + Console.printable(result.source() + ": " + note)));
    }
    if (!console.isQuiet()) {
      summary(report).forEach(console::result);
    }
  }

  /** Sums: outcomes, bytes, pulls. */
  static List<String> summary(MirrorReport report) {
    List<String> lines = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      long number = report.images().stream().filter(result -> result.outcome() == outcome).count();
      if (number > 0) {
        outcomes.add(number + " " + outcome.word());
      }
    }
    lines.add(
        "%s: %s; %s copied, %s mounted, %s there already"
            .formatted(
                Amounts.count(report.images().size(), "image"),
                outcomes.isEmpty() ? "nothing to do" : String.join(", ", outcomes),
                Amounts.bytes(sum(report, Kind.COPIED)),
                Amounts.bytes(sum(report, Kind.MOUNTED)),
                Amounts.bytes(sum(report, Kind.SKIPPED))));
    report
        .pulls()
        .forEach(
            (registry, pulls) -> {
              if (pulls.remainingAfter() != null) {
                lines.add(
                    "%s: %s spent, %d left in the quota"
                        .formatted(
                            registry,
                            Amounts.count(pulls.spent(), "counted pull"),
                            pulls.remainingAfter()));
              }
            });
    return lines;
  }

  static String withRemedy(ImageResult result) {
    return result.remedy() == null
        ? String.valueOf(result.error())
        : result.error() + "\n       " + result.remedy();
  }

  private enum Kind {
    COPIED,
    MOUNTED,
    SKIPPED
  }

  private static long sum(MirrorReport report, Kind kind) {
    return report.images().stream()
        .map(ImageResult::bytes)
        .mapToLong(
            bytes ->
                switch (kind) {
                  case COPIED -> bytes.copied();
                  case MOUNTED -> bytes.mounted();
                  case SKIPPED -> bytes.skipped();
                })
        .sum();
  }

  private static String amount(long bytes, String what) {
    return bytes == 0 ? "" : Amounts.bytes(bytes) + " " + what;
  }

  private static @Nullable String text(@Nullable Digest digest) {
    return digest == null ? null : digest.toString();
  }
}
