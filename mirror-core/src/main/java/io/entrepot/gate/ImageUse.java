package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An image that a target uses.
 *
 * @param object null for a values file judged as it stands
 * @param role what uses it
 * @param demands what the pod asks of its node; null where no pod is known
 * @param position found only where it is needed; gives null where no file can be named
 */
public record ImageUse(
    String target,
    @Nullable KubernetesObject object,
    ImageReference reference,
    Role role,
    @Nullable NodeDemands demands,
    Supplier<@Nullable FilePosition> position) {

  /** What an image is used for. */
  public enum Role {
    /** A container or an image volume runs or mounts it. */
    CONTAINER,
    /** A field, an argument or a variable names it for something that will run it. */
    FIELD,
    /** A chart, which no platform is asked of. */
    CHART
  }

  /** A reference as it is written, or nothing. */
  public static Optional<ImageReference> reference(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(ImageReference.parse(text.strip()));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** Whether it is a chart. */
  public boolean isChart() {
    return role == Role.CHART;
  }

  @Nullable ObjectName objectName() {
    return object == null ? null : ObjectName.of(object);
  }
}
