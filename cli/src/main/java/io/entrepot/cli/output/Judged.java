package io.entrepot.cli.output;

import io.entrepot.policy.Decision;
import io.entrepot.trust.Evidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a policy says of an image, for people and programs. */
public record Judged(Decision decision) {

  /** Whether the image may run. */
  public boolean ok() {
    return decision instanceof Decision.Admitted;
  }

  /** What speaks against the image, with what to do; empty where nothing does. */
  public Optional<String> problem() {
    return switch (decision) {
      case Decision.Admitted _ -> Optional.empty();
      case Decision.Waiting(var until) ->
          Optional.of("too-young: it waits until %s".formatted(until));
      case Decision.Refused(var cause, var reason, var remedy) ->
          Optional.of("%s: %s; %s".formatted(cause.word(), reason, remedy));
      case Decision.Unjudged(var reason, var remedy) ->
          Optional.of("could not be judged: %s; %s".formatted(reason, remedy));
    };
  }

  /** Who vouches for the image, and what that proves. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Evidence each : evidence()) {
      lines.add("signed by %s".formatted(each.signer()));
      lines.add("  who      " + each.identity());
      lines.add("  states   %s (%s)".formatted(each.predicateType(), each.statement()));
      lines.add(
          "  when     "
              + each.signedAt().map(Instant::toString).orElse("not known: nobody else says"));
      lines.add("  proved   " + String.join(", ", each.proofs()));
      if (!each.notProved().isEmpty()) {
        lines.add("  NOT      " + String.join(", ", each.notProved()));
      }
    }
    return lines;
  }

  /** The word for the decision in reports. */
  String word() {
    return switch (decision) {
      case Decision.Admitted _ -> "admitted";
      case Decision.Waiting _ -> "waiting";
      case Decision.Refused _ -> "refused";
      case Decision.Unjudged _ -> "unjudged";
    };
  }

  /** The array {@code signatures} of reports. */
  ArrayNode json() {
    ArrayNode signatures = Json.object().putArray("signatures");
    for (Evidence each : evidence()) {
      ObjectNode node =
          signatures
              .addObject()
              .put("signer", each.signer())
              .put(
                  "evidence",
                  "%s (%s)".formatted(each.identity(), String.join(", ", each.proofs())))
              .put("identity", each.identity().toString())
              .put("statement", each.statement().toString())
              .put("predicateType", each.predicateType());
      each.signedAt().ifPresent(at -> node.put("signedAt", at.toString()));
      node.set("proofs", Json.texts(each.proofs()));
      node.set("notProved", Json.texts(each.notProved()));
    }
    return signatures;
  }

  private List<Evidence> evidence() {
    return decision instanceof Decision.Admitted(var evidence) ? evidence : List.of();
  }
}
