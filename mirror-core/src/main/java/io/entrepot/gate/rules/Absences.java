package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells of what an object needs and its target lacks: refused where all of the target was rendered,
 * else not judged, because what was not rendered may have it. Several objects that lack the same
 * are told as one.
 */
record Absences(Evidence evidence, Findings findings) {

  /**
   * @param what the absent thing by its name, such as {@code the ClusterSecretStore 'vault'}
   * @param position found only where it is needed
   * @param remedy with the lines to write
   */
  void tell(
      KubernetesObject object,
      String what,
      Supplier<@Nullable FilePosition> position,
      String message,
      String remedy) {
    Optional<String> unseen = evidence.cluster().unseen(object.origin().target());
    if (unseen.isPresent()) {
      findings.skip(object, null, what, unseen.get());
    } else {
      findings.refuseTogether(what, object, position.get(), message, remedy);
    }
  }
}
