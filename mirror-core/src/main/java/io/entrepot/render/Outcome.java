package io.entrepot.render;

import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.ToolRun.ToolException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What comes together while entries are rendered. One thread at a time. */
final class Outcome {

  final List<KubernetesObject> objects = new ArrayList<>();
  final List<ValuesDocument> values = new ArrayList<>();
  final List<Failure> failures = new ArrayList<>();
  final List<Unrendered> unrendered = new ArrayList<>();
  final List<Rendering.RemoteChart> charts = new ArrayList<>();
  final List<Rendering.Deployer> deployers = new ArrayList<>();
  final Set<Rendering.Written> written = new HashSet<>();

  /** Notes that an entry does not render. */
  void fail(Assignment work, String message, String remedy) {
    failures.add(
        Failure.of(
            work.target(), work.entry().position(), work.entry().name() + ": " + message, remedy));
  }

  /**
   * Notes that a program did not do its work.
   *
   * @param path how its path is given
   */
  void fail(Assignment work, ToolException e, String path) {
    fail(
        work,
        String.valueOf(e.getMessage()),
        e.missing ? "give its path: " + path : "look for what it waits for");
  }

  void add(Outcome other) {
    objects.addAll(other.objects);
    values.addAll(other.values);
    failures.addAll(other.failures);
    unrendered.addAll(other.unrendered);
    charts.addAll(other.charts);
    deployers.addAll(other.deployers);
    written.addAll(other.written);
  }

  Rendering finished() {
    return new Rendering(
        objects,
        values,
        failures.stream().distinct().toList(),
        unrendered.stream().distinct().toList(),
        charts.stream().distinct().toList(),
        deployers,
        written);
  }
}
