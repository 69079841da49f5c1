package io.entrepot.cli.output;

import io.entrepot.ca.ClientTrust;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code ca trust} wrote. */
public final class CaOutput {

  private CaOutput() {}

  /**
   * @param json whether a document is printed
   * @param dry whether nothing was written
   */
  public static void print(
      Console console, boolean json, List<ClientTrust.Change> changes, boolean dry) {
    if (json) {
      ObjectNode root = Json.object();
      ArrayNode files = root.putArray("files");
      for (ClientTrust.Change change : changes) {
        files
            .addObject()
            .put("file", change.file().toString())
            .put("change", change.kind().name().toLowerCase(Locale.ROOT))
            .put("problem", change.problem());
      }
      root.put("dryRun", dry);
      console.document(Json.document(root));
      return;
    }
    for (ClientTrust.Change change : changes) {
      String verb =
          switch (change.kind()) {
            case CREATED -> dry ? "would create" : "created";
            case EDITED -> dry ? "would edit" : "edited";
            case UNCHANGED -> "unchanged";
            case RESTORED -> dry ? "would restore" : "restored";
            case LEFT -> "left";
          };
      console.result("%-13s %s".formatted(verb, change.file()));
      if (change.problem() != null) {
        console.error(change.file() + ": " + change.problem());
      }
    }
    if (changes.isEmpty()) {
      console.note("nothing was written for that, and there is nothing to take back");
    }
  }
}
