package io.entrepot.cli.output;

import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.prune.PruneReport;
import io.entrepot.prune.PruneReport.Kept;
import io.entrepot.prune.PruneReport.Removed;
import io.entrepot.prune.Unseen;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code prune} prints. */
public final class PruneOutput {

  private PruneOutput() {}

  /** The JSON document of {@code --output json}. */
  public static ObjectNode json(PruneReport report) {
    ObjectNode root = Json.object();
    ArrayNode remove = root.putArray("remove");
    for (Removed each : report.remove()) {
      ObjectNode node = remove.addObject();
      node.put("repository", each.repository().toString());
      node.put("digest", each.digest().toString());
      node.set("tags", Json.texts(each.tags()));
      node.put("reason", each.reason());
      if (each.version() != 0) {
        node.put("version", each.version());
      }
    }
    ArrayNode keep = root.putArray("keep");
    for (Kept each : report.keep()) {
      ObjectNode node = keep.addObject();
      node.put("repository", each.repository().toString());
      node.put("digest", each.digest().toString());
      node.set("tags", Json.texts(each.tags()));
      node.put("because", each.because());
    }
    ArrayNode unseen = root.putArray("unseen");
    for (Unseen each : report.unseen()) {
      unseen.addObject().put("what", each.what()).put("reason", each.reason());
    }
    ArrayNode broken = root.putArray("broken");
    for (PruneReport.Broken each : report.broken()) {
      broken
          .addObject()
          .put("repository", each.repository().toString())
          .put("digest", each.digest().toString());
    }
    root.set("failures", Json.texts(report.failures()));
    root.put("removed", report.removed());
    return root;
  }

  /**
   * For people.
   *
   * @param confirmed whether it was to remove anything
   */
  public static void print(Console console, PruneReport report, boolean confirmed) {
    TreeSet<Repository> repositories = new TreeSet<>();
    report.remove().forEach(each -> repositories.add(each.repository()));
    report.keep().forEach(each -> repositories.add(each.repository()));
    for (Repository repository : repositories) {
      console.result(repository.toString());
      for (Removed each : report.remove()) {
        if (each.repository().equals(repository)) {
          console.result(
              "  remove  %s%s: %s%s"
                  .formatted(
                      each.digest(),
                      tags(each.tags()),
                      each.reason(),
                      each.version() == 0 ? "" : " (version %d)".formatted(each.version())));
        }
      }
      Map<String, Integer> kept = new TreeMap<>();
      for (Kept each : report.keep()) {
        if (!each.repository().equals(repository)) {
          continue;
        }
        if (console.isVerbose()) {
          console.result(
              "  keep    %s%s: %s".formatted(each.digest(), tags(each.tags()), each.because()));
        } else {
          String because =
              each.because().startsWith("belongs to ") ? "belong to these" : each.because();
          kept.merge(because, 1, Integer::sum);
        }
      }
      kept.forEach(
          (because, number) -> console.result("  keep    %d: %s".formatted(number, because)));
    }
    report
        .broken()
        .forEach(
            each ->
                console.warn(
                    "%s@%s is needed, and entries of it are missing; entrepot mirror --recheck brings them back"
                        .formatted(each.repository(), each.digest())));
    report
        .unseen()
        .forEach(each -> console.error("not seen: %s: %s".formatted(each.what(), each.reason())));
    report.failures().forEach(console::error);
    console.note(summary(report, confirmed));
  }

  private static String summary(PruneReport report, boolean confirmed) {
    if (!report.unseen().isEmpty()) {
      return "nothing is removed, because not everything was seen";
    }
    String rest = "%s stay".formatted(Amounts.count(report.keep().size(), "manifest"));
    return confirmed
        ? "%s removed, %s".formatted(Amounts.count(report.removed(), "manifest"), rest)
        : "%s would be removed, %s; --confirm removes them"
            .formatted(Amounts.count(report.remove().size(), "manifest"), rest);
  }

  private static String tags(Collection<Tag> tags) {
    return tags.isEmpty()
        ? ""
        : tags.stream().map(Tag::toString).collect(Collectors.joining(", ", " (", ")"));
  }
}
