package io.entrepot.gate.inventory;

import io.entrepot.concurrent.Parallel;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.Gate;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Inspection;
import io.entrepot.gate.Inspector;
import io.entrepot.gate.LockView;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.Running;
import io.entrepot.gate.SameImage;
import io.entrepot.gate.Target;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.pods.PodList;
import io.entrepot.pods.RunningContainer;
import io.entrepot.policy.Decision;
import io.entrepot.policy.LockJudge;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.render.Rendering;
import io.entrepot.sites.ImagePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Joins what clusters run, what the tree says, what the lock holds and what registries have.
 * Blocks; for main and virtual threads.
 */
public final class Inventory {

  private static final int AT_ONCE = 16;

  private final InventoryRequest request;
  private final Supplier<RegistryClient> registries;
  private final LockView lock;
  private final Running running;
  private final SameImage same;
  private final Inspector inspector;
  private final List<ImagePattern> firstParty;
  private final Optional<ReferenceJudge> judge;
  private final Map<ImageReference, Line> lines = new TreeMap<>();

  /**
   * @param registries asked for where a registry must be asked; the caller closes what it gives
   */
  public Inventory(InventoryRequest request, Supplier<RegistryClient> registries) {
    CheckSpec spec = request.spec();
    LockFile held = request.lock().orElseGet(LockFile::empty);
    boolean offline = request.options().offline();
    this.request = request;
    this.registries = registries;
    this.lock = new LockView(held);
    this.running = new Running(spec.targets(), request.options().pods());
    this.same = new SameImage(offline, registries, lock);
    this.inspector = new Inspector(offline, registries, lock, request.options().cache());
    this.firstParty = spec.firstParty().stream().map(ImagePattern::new).toList();
    this.judge =
        request
            .policy()
            .map(policy -> new LockJudge(policy, held, request.clock()))
            .map(
                judging ->
                    offline
                        ? ReferenceJudge.offline(judging)
                        : ReferenceJudge.online(judging, registries));
  }

  /** Takes stock. */
  public InventoryReport take() {
    RenderedCluster tree = Gate.rendered(request.spec(), request.options());
    for (ImageUse use : tree.images()) {
      ImageReference image = use.reference();
      boolean rangeOfCharts = use.isChart() && image.tag() == null && image.digest() == null;
      if (!rangeOfCharts) {
        line(image).use(use, use.isChart() ? List.of() : platforms(List.of(use.target())));
      }
    }
    List<String> notes = new ArrayList<>();
    for (PodList list : running.lists()) {
      List<Platform> platforms = platforms(running.targetsOf(list.cluster()));
      list.containers().forEach(each -> line(each.image()).runs(each, platforms));
      notes.addAll(list.warnings());
      if (!list.complete()) {
        notes.add(
            "the list of pods of %s has further pages, which are not in the file"
                .formatted(list.cluster()));
      }
    }
    List<InventoryReport.Unjudged> unread = new ArrayList<>();
    for (Rendering.Failure each : tree.rendering().failures()) {
      String where = each.position() == null ? each.target() : each.position().toString();
      unread.add(new InventoryReport.Unjudged(where, each.message()));
    }
    for (Rendering.Unrendered each : tree.rendering().unrendered()) {
      unread.add(new InventoryReport.Unjudged(each.what(), each.why()));
    }
    Parallel.map(
        lines.values(),
        new Semaphore(AT_ONCE),
        line -> {
          judge(tree, line);
          return line;
        });
    return new InventoryReport(
        lines.values().stream().map(Line::finished).toList(),
        Stream.concat(
                lines.values().stream().flatMap(line -> line.unjudged().stream()), unread.stream())
            .distinct()
            .toList(),
        notes.stream().distinct().toList());
  }

  private Line line(ImageReference image) {
    return lines.computeIfAbsent(RunningContainer.named(image), Line::new);
  }

  private List<Platform> platforms(List<String> targets) {
    Set<Platform> platforms = new TreeSet<>();
    for (Target target : request.spec().targets()) {
      if (targets.contains(target.name())) {
        platforms.addAll(target.platforms());
      }
    }
    return List.copyOf(platforms);
  }

  private void judge(RenderedCluster tree, Line line) {
    Optional<LockedImage> locked = locked(line);
    locked.ifPresent(image -> line.isLocked(image.digestAtTarget()));
    inGit(tree, line);
    if (!line.isChart()) {
      isRunning(line);
    }
    digests(line);
    if (line.reference().registry().equals(RegistryName.DOCKER_HUB)) {
      line.is(State.DOCKER_HUB);
    }
    boolean ours = firstParty.stream().anyMatch(pattern -> pattern.matches(line.reference()));
    if (!line.mirrored() && !ours) {
      line.is(State.NOT_MIRRORED);
    }
    if (locked.isPresent()) {
      platforms(line, locked.get());
      source(line, locked.get());
    } else {
      inspect(line);
    }
    judge.ifPresent(policy -> decide(policy, line, locked));
  }

  /** By the name, else by a digest that files pin or a cluster runs. */
  private Optional<LockedImage> locked(Line line) {
    Optional<LockedImage> named = lock.find(line.reference());
    if (named.isPresent()) {
      return named;
    }
    return line.pins().stream()
        .map(pin -> lock.find(line.reference().pinnedTo(pin)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private void inGit(RenderedCluster tree, Line line) {
    for (String cluster : line.running().keySet()) {
      List<String> targets = running.targetsOf(cluster);
      if (line.uses().stream().anyMatch(use -> targets.contains(use.target()))) {
        continue;
      }
      Optional<String> unseen =
          targets.stream().map(tree::unseen).flatMap(Optional::stream).findFirst();
      if (unseen.isPresent()) {
        line.unjudged("whether git names it is not known: " + unseen.get());
      } else {
        line.is(State.NOT_IN_GIT);
      }
    }
  }

  private void isRunning(Line line) {
    Set<String> targets = new TreeSet<>();
    line.uses().forEach(use -> targets.add(use.target()));
    for (String target : targets) {
      List<PodList> lists = running.of(target);
      if (lists.isEmpty()
          || lists.stream().map(PodList::cluster).anyMatch(line.running()::containsKey)) {
        continue;
      }
      Optional<String> incomplete = running.incomplete(target);
      if (incomplete.isPresent()) {
        line.unjudged("whether it runs is not known: " + incomplete.get());
      } else {
        line.is(State.NOT_RUNNING);
      }
    }
  }

  private void digests(Line line) {
    line.running()
        .forEach(
            (cluster, containers) -> {
              List<String> targets = running.targetsOf(cluster);
              List<ImageReference> pinned =
                  line.uses().stream()
                      .filter(use -> targets.contains(use.target()))
                      .map(ImageUse::reference)
                      .filter(reference -> reference.digest() != null)
                      .distinct()
                      .toList();
              if (!pinned.isEmpty()) {
                containers.forEach(each -> compare(line, pinned, each));
              }
            });
  }

  private void compare(Line line, List<ImageReference> pinned, RunningContainer container) {
    List<SameImage.Answer> answers =
        pinned.stream().map(each -> same.compare(each, container)).toList();
    if (answers.stream().anyMatch(SameImage.Answer.Same.class::isInstance)) {
      return;
    }
    answers.stream()
        .filter(SameImage.Answer.Unknown.class::isInstance)
        .map(SameImage.Answer.Unknown.class::cast)
        .findFirst()
        .ifPresentOrElse(
            unknown -> line.unjudged(unknown.why()), () -> line.is(State.DIGEST_DIFFERS));
  }

  private static void platforms(Line line, LockedImage image) {
    boolean missing =
        !image.platforms().isEmpty()
            && line.platforms().stream()
                .anyMatch(
                    wanted ->
                        image.platforms().stream().noneMatch(there -> there.satisfies(wanted)));
    if (missing) {
      line.is(State.PLATFORM_MISSING);
    }
  }

  /** What the source of a mirrored image has now. */
  private void source(Line line, LockedImage image) {
    ImageReference source = lock.source(image).orElse(line.reference());
    if (request.options().offline()) {
      line.unjudged("offline: whether %s has moved or is gone is not known".formatted(source));
      return;
    }
    try {
      Optional<Descriptor> now = registries.get().find(source).await();
      if (now.isEmpty()) {
        line.is(State.GONE);
      } else if (!now.get().digest().equals(image.digest())) {
        line.is(State.MOVED);
      }
    } catch (RegistryException e) {
      line.unjudged(
          "whether %s has moved or is gone is not known: %s".formatted(source, e.getMessage()));
    }
  }

  /** What the registry of an image says that is not mirrored. */
  private void inspect(Line line) {
    Set<Digest> pins = line.pins();
    ImageReference asked =
        pins.size() == 1 ? line.reference().pinnedTo(pins.iterator().next()) : line.reference();
    switch (inspector.inspect(asked, line.isChart() ? List.of() : line.platforms())) {
      case Inspection.Absent _ -> line.is(State.GONE);
      case Inspection.Unknown unknown -> line.unjudged(unknown.why());
      case Inspection.Present present -> {
        if (!present.problems().isEmpty()) {
          line.is(State.PLATFORM_MISSING);
        }
      }
    }
  }

  /** What the policy says of what runs. */
  private void decide(ReferenceJudge policy, Line line, Optional<LockedImage> locked) {
    Set<ImageReference> runs = new TreeSet<>();
    line.running().values().stream()
        .flatMap(List::stream)
        .forEach(each -> runs.add(running(each, locked)));
    for (ImageReference image : runs) {
      switch (policy.judge(image)) {
        case Decision.Admitted _ -> {}
        case Decision.Waiting _ -> line.is(State.TOO_YOUNG);
        case Decision.Refused refused ->
            line.is(refused.cause() == Decision.Cause.DENIED ? State.DENIED : State.UNSIGNED);
        case Decision.Unjudged unjudged -> line.unjudged(unjudged.reason());
      }
    }
  }

  /** A container's image by the digest of its list, where the lock tells it. */
  private ImageReference running(RunningContainer container, Optional<LockedImage> locked) {
    ImageReference image = container.image();
    if (locked.isPresent()) {
      boolean copy = locked.get().target().repository().equals(image.repository());
      ImageReference held =
          image.pinnedTo(copy ? locked.get().digestAtTarget() : locked.get().digest());
      if (same.compare(held, container) instanceof SameImage.Answer.Same) {
        return held;
      }
    }
    return container.digest() == null ? image : image.pinnedTo(container.digest());
  }
}
