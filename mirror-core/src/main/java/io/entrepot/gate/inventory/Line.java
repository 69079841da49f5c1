package io.entrepot.gate.inventory;

import io.entrepot.gate.ImageUse;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.pods.RunningContainer;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One image while its states are found. One thread at a time. */
final class Line {

  private final ImageReference reference;
  private final List<ImageUse> uses = new ArrayList<>();
  private final Map<String, List<RunningContainer>> running = new TreeMap<>();
  private final Set<Platform> platforms = new TreeSet<>();
  private final Set<State> states = EnumSet.noneOf(State.class);
  private final Set<String> unjudged = new LinkedHashSet<>();
  private @Nullable Digest locked;
  private boolean mirrored;

  Line(ImageReference reference) {
    this.reference = reference;
  }

  ImageReference reference() {
    return reference;
  }

  void use(ImageUse use, List<Platform> wanted) {
    uses.add(use);
    platforms.addAll(wanted);
  }

  void runs(RunningContainer container, List<Platform> wanted) {
    running.computeIfAbsent(container.cluster(), _ -> new ArrayList<>()).add(container);
    platforms.addAll(wanted);
  }

  List<ImageUse> uses() {
    return uses;
  }

  /** Containers by cluster. */
  Map<String, List<RunningContainer>> running() {
    return running;
  }

  /** The platforms that the targets which use it have. */
  List<Platform> platforms() {
    return List.copyOf(platforms);
  }

  boolean isChart() {
    return !uses.isEmpty() && running.isEmpty() && uses.stream().allMatch(ImageUse::isChart);
  }

  void is(State state) {
    states.add(state);
  }

  void isLocked(Digest digest) {
    locked = digest;
    mirrored = true;
  }

  boolean mirrored() {
    return mirrored;
  }

  void unjudged(String reason) {
    unjudged.add(reason);
  }

  List<InventoryReport.Unjudged> unjudged() {
    return unjudged.stream()
        .map(reason -> new InventoryReport.Unjudged(reference.toString(), reason))
        .toList();
  }

  /** The digests that files pin. */
  Set<Digest> pins() {
    Set<Digest> pins = new TreeSet<>();
    for (ImageUse use : uses) {
      if (use.reference().digest() != null) {
        pins.add(use.reference().digest());
      }
    }
    return pins;
  }

  InventoryReport.Image finished() {
    Set<FilePosition> git = new TreeSet<>();
    for (ImageUse use : uses) {
      FilePosition position = use.position().get();
      if (position != null) {
        git.add(position);
      }
    }
    List<RunningContainer> containers =
        running.values().stream().flatMap(List::stream).sorted(Line::compare).toList();
    return new InventoryReport.Image(
        reference, digest(containers), states, List.copyOf(git), containers, mirrored);
  }

  private @Nullable Digest digest(List<RunningContainer> containers) {
    Set<Digest> pins = pins();
    if (!pins.isEmpty()) {
      return pins.size() == 1 ? pins.iterator().next() : null;
    }
    if (reference.digest() != null) {
      return reference.digest();
    }
    if (locked != null) {
      return locked;
    }
    Set<Digest> digests = new TreeSet<>();
    for (RunningContainer each : containers) {
      if (each.digest() != null) {
        digests.add(each.digest());
      }
    }
    return digests.size() == 1 ? digests.iterator().next() : null;
  }

  private static int compare(RunningContainer a, RunningContainer b) {
    int order = a.cluster().compareTo(b.cluster());
    order = order != 0 ? order : a.title().compareTo(b.title());
    return order != 0 ? order : a.container().compareTo(b.container());
  }
}
