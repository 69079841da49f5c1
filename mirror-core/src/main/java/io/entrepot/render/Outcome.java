package io.entrepot.render;

import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import java.util.ArrayList;
import java.util.List;

/** What comes together while entries are rendered. One thread at a time. */
final class Outcome {

  final List<KubernetesObject> objects = new ArrayList<>();
  final List<ValuesDocument> values = new ArrayList<>();
  final List<Failure> failures = new ArrayList<>();
  final List<Unrendered> unrendered = new ArrayList<>();

  void add(Outcome other) {
    objects.addAll(other.objects);
    values.addAll(other.values);
    failures.addAll(other.failures);
    unrendered.addAll(other.unrendered);
  }

  Rendering finished() {
    return new Rendering(
        objects,
        values,
        failures.stream().distinct().toList(),
        unrendered.stream().distinct().toList());
  }
}
