package io.entrepot.render;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of entries.
 *
 * @param failures what cannot be rendered, as Argo CD or Flux would find out later
 * @param unrendered what was not tried
 */
public record Rendering(
    List<KubernetesObject> objects,
    List<ValuesDocument> values,
    List<Failure> failures,
    List<Unrendered> unrendered) {

  /** Copies. */
  public Rendering {
    objects = List.copyOf(objects);
    values = List.copyOf(values);
    failures = List.copyOf(failures);
    unrendered = List.copyOf(unrendered);
  }

  /**
   * An entry that does not render.
   *
   * @param file relative to the root, or null
   * @param line from 1, or 0
   * @param object {@code Kind/name} where one is concerned, or null
   */
  public record Failure(
      String target,
      @Nullable String file,
      int line,
      @Nullable KubernetesObject object,
      String message,
      String remedy) {}

  /**
   * An entry that needs what is not in the tree.
   *
   * @param what the entry's name
   * @param why and what would make it possible
   */
  public record Unrendered(String target, String what, String why) {}
}
