package io.entrepot.gate;

import io.entrepot.concurrent.Parallel;
import io.entrepot.concurrent.StepListener;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** What is known of every image that is used; asked together when the first rule wants to know. */
public final class ImageInspections {

  /** One image, the platforms that its users need and who uses it. */
  private static final class Asked {
    private final List<ImageUse> uses = new ArrayList<>();
    private final Set<Platform> platforms = new LinkedHashSet<>();
  }

  private final RenderedCluster cluster;
  private final Inspector inspector;
  private final StepListener steps;
  private final Map<String, List<Platform>> platforms = new HashMap<>();
  private final Map<ImageReference, Asked> images = new LinkedHashMap<>();
  private final Set<Repository> shared = new LinkedHashSet<>();
  private List<Inspection> answers = List.of();
  private boolean answered;

  ImageInspections(RenderedCluster cluster, Inspector inspector, StepListener steps) {
    this.steps = steps;
    this.cluster = cluster;
    this.inspector = inspector;
    for (Target target : cluster.spec().targets()) {
      platforms.put(target.name(), target.platforms());
    }
  }

  /**
   * Shows every use of an image with what is known of it. Charts of no one version are left out.
   */
  public synchronized void each(BiConsumer<ImageUse, Inspection> action) {
    if (!answered) {
      collect();
      AtomicInteger asked = new AtomicInteger();
      answers =
          Parallel.map(
              List.copyOf(images.entrySet()),
              entry -> {
                Inspection answer =
                    inspector.inspect(entry.getKey(), List.copyOf(entry.getValue().platforms));
                steps.step("looking at images", asked.incrementAndGet(), images.size());
                return answer;
              });
      answered = true;
    }
    int i = 0;
    for (Asked asked : images.values()) {
      Inspection answer = answers.get(i++);
      asked.uses.forEach(use -> action.accept(use, answer));
    }
  }

  /** The platforms of the target that uses an image, as far as the pod may run on them. */
  public List<Platform> platforms(ImageUse use) {
    List<Platform> ofTarget = platforms.getOrDefault(use.target(), List.of());
    return use.demands() == null ? ofTarget : use.demands().platforms(ofTarget);
  }

  /** Whether several targets or several platforms use images of the repository. */
  public boolean isShared(Repository repository) {
    return shared.contains(repository);
  }

  private void collect() {
    Map<Repository, Set<Platform>> platformsOf = new HashMap<>();
    Map<Repository, Set<String>> targetsOf = new HashMap<>();
    for (ImageUse use : cluster.images()) {
      ImageReference image = use.reference();
      if (use.isChart() && image.tag() == null && image.digest() == null) {
        continue;
      }
      Asked asked = images.computeIfAbsent(image, _ -> new Asked());
      asked.uses.add(use);
      if (use.isChart()) {
        continue;
      }
      Repository repository = image.repository();
      asked.platforms.addAll(platforms(use));
      Set<Platform> known = platformsOf.computeIfAbsent(repository, _ -> new TreeSet<>());
      known.addAll(platforms(use));
      Set<String> targets = targetsOf.computeIfAbsent(repository, _ -> new TreeSet<>());
      targets.add(use.target());
      if (known.size() > 1 || targets.size() > 1) {
        shared.add(repository);
      }
    }
  }
}
