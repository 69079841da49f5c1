package io.entrepot.render;

import io.entrepot.render.Rendering.Cause;
import io.entrepot.render.Rendering.Unrendered;
import java.util.List;

/** What is said of something whose source is neither the tree nor a checkout that is named. */
final class NotAtHand {

  private NotAtHand() {}

  /** What Flux does not apply: what is in the cluster may be older than what git says. */
  static List<Unrendered> suspended(Declaration declaration) {
    return declaration.targets().stream()
        .map(
            target ->
                new Unrendered(
                    target,
                    declaration.title(),
                    declaration.position(),
                    "it is suspended (spec.suspend), so Flux applies nothing of it; it is judged"
                        + " when it is resumed",
                    Cause.SUSPENDED))
        .toList();
  }

  /** One for each target of a declaration. */
  static List<Unrendered> of(Declaration declaration, String source) {
    String why =
        "its source is %s, which is not in this tree; name a local checkout of it under sources: in check.yaml, or vendor it"
            .formatted(source);
    return declaration.targets().stream()
        .map(
            target ->
                new Unrendered(
                    target, declaration.title(), declaration.position(), why, Cause.FOREIGN))
        .toList();
  }
}
