package io.entrepot.cli.output;

import io.entrepot.verify.PlatformFinding;
import io.entrepot.verify.Problem;
import io.entrepot.verify.Verification;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code verify} prints. */
public final class VerificationOutput {

  private VerificationOutput() {}

  /**
   * One image: verified, or not because its registry could not be asked.
   *
   * @param reference as it was asked for
   * @param failure why it could not be verified, or null
   * @param judged what the policy says, or null where there is none
   */
  public record Verified(
      String reference,
      @Nullable Verification verification,
      @Nullable String failure,
      @Nullable Judged judged) {

    /** Whether it was verified and nothing speaks against it. */
    public boolean ok() {
      return verification != null && verification.ok() && (judged == null || judged.ok());
    }
  }

  /** For people, on the console. */
  public static void print(Console console, List<Verified> images) {
    for (Verified image : images) {
      Verification verification = image.verification();
      if (verification == null) {
        console.error(image.reference() + ": " + image.failure());
        continue;
      }
      if (!console.isQuiet()) {
        console.result(
            "%s  %s@%s"
                .formatted(
                    image.ok() ? "ok     " : "REFUSED",
                    image.reference().replaceFirst("@.*", ""),
                    verification.digest()));
        for (PlatformFinding finding : verification.platforms()) {
          console.result(
              "         %-16s %s  %s"
                  .formatted(
                      finding.platform(),
                      finding.present() ? "there  " : "MISSING",
                      finding.evidenceLine()));
        }
      }
      Judged judged = image.judged();
      if (judged != null && !console.isQuiet()) {
        judged.lines().forEach(line -> console.result("         " + Console.printable(line)));
      }
      verification.problems().forEach(problem -> console.error(problem.toString()));
      if (judged != null) {
        judged
            .problem()
            .ifPresent(
                problem ->
                    console.error(Console.printable(verification.reference() + ": " + problem)));
      }
      verification.notes().forEach(note -> console.note("note: " + Console.printable(note)));
    }
    long wrong = images.stream().filter(image -> !image.ok()).count();
    console.note(
        wrong == 0
            ? Amounts.count(images.size(), "image") + " verified"
            : "%d of %s not as required".formatted(wrong, Amounts.count(images.size(), "image")));
  }

  /** The JSON document of {@code --output json}. */
  public static ObjectNode json(List<Verified> images) {
    ObjectNode root = Json.object();
    ArrayNode array = root.putArray("images");
    for (Verified image : images) {
      ObjectNode node = array.addObject();
      Verification verification = image.verification();
      node.put("reference", image.reference());
      node.put("digest", verification == null ? null : verification.digest().toString());
      node.put("ok", image.ok());
      ArrayNode platforms = node.putArray("platforms");
      Judged judged = image.judged();
      if (judged != null) {
        node.set("signatures", judged.json());
      }
      ArrayNode problems = node.putArray("problems");
      if (verification == null) {
        problems.add(image.failure());
        continue;
      }
      for (PlatformFinding finding : verification.platforms()) {
        platforms
            .addObject()
            .put("platform", finding.platform().toString())
            .put("present", finding.present())
            .put("evidence", finding.evidenceLine());
      }
      verification.problems().stream().map(Problem::toString).forEach(problems::add);
      if (judged != null) {
        judged.problem().ifPresent(problems::add);
      }
      node.set("notes", Json.texts(verification.notes()));
    }
    return root;
  }
}
