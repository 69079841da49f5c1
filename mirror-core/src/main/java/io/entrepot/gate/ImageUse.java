package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import io.entrepot.render.KubernetesObject;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An image that a target uses.
 *
 * @param object null for a values file judged as it stands
 * @param role what uses it
 * @param place found only where it is needed
 */
record ImageUse(
    String target,
    @Nullable KubernetesObject object,
    ImageReference reference,
    Role role,
    Supplier<Place> place) {

  /** What an image is used for. */
  enum Role {
    /** A container or an image volume runs or mounts it. */
    CONTAINER,
    /** A field, an argument or a variable names it for something that will run it. */
    FIELD,
    /** A chart, which no platform is asked of. */
    CHART
  }

  @Nullable ObjectName objectName() {
    return object == null ? null : Scene.name(object);
  }
}
