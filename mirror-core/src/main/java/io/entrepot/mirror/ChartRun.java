package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.charts.ChartAddress;
import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.mirror.charts.ChartException;
import io.entrepot.mirror.charts.ChartFetcher;
import io.entrepot.mirror.charts.ChartImages;
import io.entrepot.mirror.charts.HeldCharts;
import io.entrepot.mirror.charts.PackedChart;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.render.RenderTools;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes entries of the charts of a mirror file and of the images that they start. A chart that
 * cannot be had or rendered fails by itself: what the lock says of it goes on.
 */
public final class ChartRun {

  private final MirrorSettings settings;
  private final LockFile lock;
  private final RegistryClient client;
  private final ChartedImages images;
  private final List<ChartProblem> problems = new ArrayList<>();

  private ChartRun(MirrorSettings settings, LockFile lock, RegistryClient client) {
    this.settings = settings;
    this.lock = lock;
    this.client = client;
    this.images = new ChartedImages(settings, lock);
  }

  /**
   * Fetches and renders the charts.
   *
   * @param network asked for charts and their versions; the caller closes it
   */
  public static ChartRun of(
      MirrorSettings settings, RegistryClient network, LockFile lock, RenderTools tools) {
    if (settings.charts().isEmpty()) {
      return new ChartRun(settings, lock, network);
    }
    HeldCharts held = new HeldCharts(network);
    ChartRun run = new ChartRun(settings, lock, RegistryClient.of(held));
    ChartFetcher fetcher = new ChartFetcher(network);
    ChartImages rendering = new ChartImages(tools);
    List<List<Expanded>> expanded =
        Parallel.map(settings.charts(), entry -> expand(entry, fetcher, rendering, held));
    expanded.forEach(each -> each.forEach(run::add));
    run.images.settle(network, run.problems);
    return run;
  }

  /** The charts and their images as a lock has them; nothing is asked. */
  public static ChartRun locked(MirrorSettings settings, RegistryClient network, LockFile lock) {
    ChartRun run = new ChartRun(settings, lock, network);
    for (ChartEntry entry : settings.charts()) {
      if (!run.images.fromLock(entry)) {
        run.problems.add(
            ChartProblem.of(
                entry,
                "the lock file has no version of it",
                "a run from the source, without --locked or --from, locks it"));
      }
    }
    return run;
  }

  /** What one version came to. */
  private sealed interface Expanded {}

  private record Version(ChartEntry entry, PackedChart chart, ChartImages.Found found)
      implements Expanded {}

  /** Fetched, and not rendered. */
  private record Unrendered(ChartEntry entry, PackedChart chart, ChartProblem problem)
      implements Expanded {}

  private record Missing(ChartEntry entry, ChartProblem problem) implements Expanded {}

  private static List<Expanded> expand(
      ChartEntry entry, ChartFetcher fetcher, ChartImages rendering, HeldCharts held) {
    List<String> versions;
    try {
      versions = versions(entry, fetcher);
    } catch (ChartException e) {
      return List.of(
          new Missing(entry, ChartProblem.of(entry, String.valueOf(e.getMessage()), e.remedy())));
    } catch (RegistryException e) {
      return List.of(
          new Missing(entry, ChartProblem.of(entry, String.valueOf(e.getMessage()), e.remedy())));
    }
    return Parallel.map(versions, version -> expand(entry, version, fetcher, rendering, held));
  }

  private static Expanded expand(
      ChartEntry entry,
      String version,
      ChartFetcher fetcher,
      ChartImages rendering,
      HeldCharts held) {
    PackedChart chart;
    try {
      chart = fetcher.fetch(entry.chart(), version);
    } catch (ChartException e) {
      return new Missing(
          entry, ChartProblem.of(entry, version, String.valueOf(e.getMessage()), e.remedy()));
    } catch (RegistryException e) {
      return new Missing(
          entry, ChartProblem.of(entry, version, String.valueOf(e.getMessage()), e.remedy()));
    }
    held.hold(chart, entry.chart() instanceof ChartAddress.InRegistry);
    try {
      return new Version(entry, chart, rendering.of(chart, entry));
    } catch (ChartException e) {
      return new Unrendered(
          entry,
          chart,
          ChartProblem.of(entry, version, String.valueOf(e.getMessage()), e.remedy()));
    }
  }

  private static List<String> versions(ChartEntry entry, ChartFetcher fetcher) {
    if (ChartRange.isExact(entry.version())) {
      return List.of(entry.version());
    }
    ChartRange range = ChartRange.parse(entry.version());
    Comparator<SemanticVersion> order = Comparator.reverseOrder();
    TreeMap<SemanticVersion, String> sorted = new TreeMap<>(order);
    List<String> offered = fetcher.versions(entry.chart());
    for (String version : offered) {
      SemanticVersion.parse(version)
          .filter(range::contains)
          .ifPresent(parsed -> sorted.putIfAbsent(parsed, version));
    }
    if (sorted.isEmpty()) {
      throw new ChartException(
          "none of the %d versions of %s is in %s"
              .formatted(offered.size(), entry.chart(), entry.version()),
          "correct version:; there are %s"
              .formatted(String.join(", ", offered.stream().limit(10).toList())));
    }
    return sorted.values().stream().limit(entry.newest()).toList();
  }

  private void add(Expanded expanded) {
    switch (expanded) {
      case Version version -> {
        images.chart(version.entry(), version.chart());
        images.found(version.entry(), version.chart().reference(), version.found(), problems);
      }
      case Unrendered unrendered -> {
        images.fromLock(unrendered.entry());
        images.republished(unrendered.chart());
        problems.add(unrendered.problem());
      }
      case Missing missing -> {
        images.fromLock(missing.entry());
        problems.add(missing.problem());
      }
    }
  }

  /** The file's entries, then those of the charts. */
  public MirrorSpec spec() {
    List<MirrorEntry> entries = new ArrayList<>(settings.spec().entries());
    entries.addAll(images.entries());
    return new MirrorSpec(entries);
  }

  /** Reads and writes as the network does, and has the charts that were fetched. */
  public RegistryClient client() {
    return client;
  }

  /** The plan with the charts that failed, and the images on which somebody has to decide. */
  public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
    List<PlannedImage> all = new ArrayList<>(plan.images());
    for (ChartProblem problem : problems) {
      if (options.admits(problem.source().toString(), problem.target().toString())) {
        all.add(problem.planned(lock).numbered(all.size()));
      }
    }
    return plan.with(all);
  }

  /** The report whose lock says which chart asked for which image. */
  public MirrorReport conclude(MirrorReport report) {
    if (settings.charts().isEmpty()) {
      return report;
    }
    TreeMap<ImageReference, LockedImage> locked = new TreeMap<>(report.lock().images());
    lock.images()
        .forEach(
            (key, image) -> {
              // Files may still name what an earlier version of the chart started.
              if (isOfCharts(key, image) && !report.lock().awaited().containsKey(key)) {
                locked.putIfAbsent(key, image);
              }
            });
    locked.replaceAll(
        (key, image) -> {
          Set<String> charts = images.chartsOf(key);
          List<String> known =
              charts.isEmpty() && isFormer(image) ? image.origin().charts() : List.copyOf(charts);
          Map<String, Digest> from = images.from(key, image.digest());
          return image.with(
              image.origin().with(from.isEmpty() ? image.origin().from() : from, known));
        });
    return new MirrorReport(
        report.images(),
        report.requests(),
        report.pulls(),
        LockFile.of(locked, report.lock().awaited()));
  }

  private boolean isOfCharts(ImageReference key, LockedImage image) {
    return settings.charts().stream()
            .anyMatch(entry -> entry.chart().key().equals(key.repository()))
        || isFormer(image);
  }

  /** Whether a chart of the file once asked for an image. */
  private boolean isFormer(LockedImage image) {
    return image.origin().charts().stream()
        .anyMatch(
            chart ->
                settings.charts().stream()
                    .anyMatch(entry -> chart.startsWith(entry.chart().key() + ":")));
  }
}
