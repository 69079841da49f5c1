package io.entrepot.render;

import io.entrepot.text.FilePosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object that asks Argo CD or Flux to deploy something.
 *
 * @param document its plain value
 * @param position where it is written
 * @param targets those that its place lets it belong to
 * @param home the cluster that it lies in itself, or null for its target's own
 */
record Declaration(
    @Nullable Object document, FilePosition position, List<String> targets, @Nullable String home) {

  Declaration {
    targets = List.copyOf(targets);
  }

  /** Its kind; empty where it says none. */
  String kind() {
    String kind = Plain.text(document, "kind");
    return kind == null ? "" : kind;
  }

  /** Its name; {@code null} as text where it says none. */
  String name() {
    return String.valueOf(Plain.text(document, "metadata", "name"));
  }

  /** Its kind and name. */
  String title() {
    return kind() + " " + name();
  }

  /** The same object for other targets. */
  Declaration in(List<String> others) {
    return new Declaration(document, position, others, home);
  }

  /** Another object at the same place. */
  Declaration of(@Nullable Object other) {
    return new Declaration(other, position, targets, home);
  }
}
