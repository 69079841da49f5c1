package io.entrepot.pin;

import io.entrepot.render.RenderTools;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans the rewriting of files; nothing is written here. */
public final class Pinner {

  private final PinRules rules;
  private final PinSource source;
  private final IndexedCharts indexed;
  private final @Nullable RenderProof proof;
  private final @Nullable RenderTools tools;

  /**
   * @param rules what {@code pin.yaml} says
   * @param source where digests come from
   */
  public Pinner(PinRules rules, PinSource source) {
    this(rules, source, null, null);
  }

  /**
   * @param rules what {@code pin.yaml} says
   * @param source where digests come from
   * @param proof finds the place of digests in values files that have a chart, or null
   * @param tools prove the whole plan, or null
   */
  public Pinner(
      PinRules rules, PinSource source, @Nullable RenderProof proof, @Nullable RenderTools tools) {
    this.rules = rules;
    this.source = source;
    this.indexed = new IndexedCharts(source.indexedCharts());
    this.proof = proof;
    this.tools = tools;
  }

  /**
   * What happens to every YAML file below the given paths.
   *
   * @param untouched files that are configuration of this program, such as the lock
   * @throws IOException if a file cannot be read
   */
  public PinPlan plan(List<Path> paths, List<Path> untouched) throws IOException {
    SiteWriter writer = new SiteWriter(rules.floating(), rules.sites());
    List<GitOpsTree.Entry> entries = GitOpsTree.files(paths, untouched, rules);
    WholeTree tree = WholeTree.around(paths);
    ReplacedImages replaced = ReplacedImages.of(tree);
    if (!source.asks() && proof == null) {
      // Nothing to wait for: no more than a few files need be in memory.
      Streamed planned = streamed(entries, writer, replaced);
      return proved(planned.plans(), entries, tree, replaced, planned.layers());
    }
    List<ScannedFile> files = each(entries, entry -> read(entry, rules, indexed));
    List<Reading> readings = new ArrayList<>();
    List<LayeredTags.Whole> whole = new ArrayList<>();
    List<LayeredTags.Alone> alone = new ArrayList<>();
    for (ScannedFile file : files) {
      whole.addAll(LayeredTags.whole(file));
      alone.addAll(LayeredTags.alone(file));
      if (file.problem() == null) {
        for (ImageSite site : file.found().sites()) {
          if (replaced.of(file.path(), site) == ReplacedImages.Fate.FREE) {
            readings.add(site.reading());
          }
        }
      }
    }
    source.prepare(readings);
    LayeredTags layers = new LayeredTags(source, whole, alone);
    List<FilePlan> plans = each(files, file -> plan(file, writer, replaced, layers));
    return proved(plans, entries, tree, replaced, layers);
  }

  /** The plan without the edits that rendering disproves. */
  private PinPlan proved(
      List<FilePlan> plans,
      List<GitOpsTree.Entry> entries,
      WholeTree tree,
      ReplacedImages replaced,
      LayeredTags layers)
      throws IOException {
    Map<Path, GitOpsTree.Entry> byPath = new HashMap<>();
    entries.forEach(entry -> byPath.put(entry.path(), entry));
    return TreeProof.of(
        plans,
        tools,
        tree,
        ImageChange.by(source),
        new Replanner(
            rules,
            plan -> read(Objects.requireNonNull(byPath.get(plan.path())), rules, indexed),
            (file, site) -> resolution(file, site, replaced, layers),
            tools == null || proof != null ? null : RenderProof.with(tools)));
  }

  private record Planned(
      FilePlan plan, List<LayeredTags.Whole> whole, List<LayeredTags.Alone> alone) {}

  private record Streamed(List<FilePlan> plans, LayeredTags layers) {}

  /** Plans each file by itself, and once more those that another file's tags lie over. */
  private Streamed streamed(
      List<GitOpsTree.Entry> entries, SiteWriter writer, ReplacedImages replaced)
      throws IOException {
    LayeredTags none = new LayeredTags(source, List.of(), List.of());
    List<Planned> first =
        each(
            entries,
            entry -> {
              ScannedFile file = read(entry, rules, indexed);
              return new Planned(
                  edited(file, writer, replaced, none),
                  LayeredTags.whole(file),
                  LayeredTags.alone(file));
            });
    LayeredTags layers =
        new LayeredTags(
            source,
            first.stream().flatMap(file -> file.whole().stream()).toList(),
            first.stream().flatMap(file -> file.alone().stream()).toList());
    List<FilePlan> plans = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      boolean conflict =
          first.get(i).whole().stream().anyMatch(image -> layers.conflict(image).isPresent());
      plans.add(
          conflict
              ? edited(read(entries.get(i), rules, indexed), writer, replaced, layers)
              : first.get(i).plan());
    }
    return new Streamed(plans, layers);
  }

  private FilePlan plan(
      ScannedFile file, SiteWriter writer, ReplacedImages replaced, LayeredTags layers)
      throws IOException {
    Optional<Path> chart =
        proof == null || file.problem() != null ? Optional.empty() : proof.chartOf(file);
    return chart.isPresent() && proof != null
        ? new RenderedFile(
                rules,
                file,
                chart.get(),
                proof.renderer(),
                site -> resolution(file, site, replaced, layers))
            .plan()
        : edited(file, writer, replaced, layers);
  }

  private FilePlan edited(
      ScannedFile file, SiteWriter writer, ReplacedImages replaced, LayeredTags layers) {
    return new FileEditor(writer, file).plan(site -> resolution(file, site, replaced, layers));
  }

  /** What a site becomes; null where it is replaced and so none of anybody's business. */
  private @Nullable Resolution resolution(
      ScannedFile file, ImageSite site, ReplacedImages replaced, LayeredTags layers) {
    return switch (replaced.of(file.path(), site)) {
      case FREE -> {
        Resolution known = source.resolve(site.reading());
        yield known instanceof Resolution.Pinned
            ? layers
                .conflict(file.path(), site)
                .or(() -> SubchartRegistry.conflict(file.path(), site))
                .<Resolution>map(why -> why)
                .orElse(known)
            : known;
      }
      case REPLACED -> null;
      case DIVIDED -> replaced.divided(file.path(), site);
    };
  }

  static List<ScannedFile> scan(List<Path> paths, List<Path> untouched, PinRules rules)
      throws IOException {
    return each(
        GitOpsTree.files(paths, untouched, rules), entry -> read(entry, rules, IndexedCharts.NONE));
  }

  private static ScannedFile read(GitOpsTree.Entry entry, PinRules rules, IndexedCharts charts)
      throws IOException {
    return ScannedFile.read(entry.path(), entry.shown(), entry.relative(), rules.sites(), charts);
  }

  private interface Step<T, R> {
    R apply(T one) throws IOException;
  }

  /** Does a step for each, on all processors, in their order. */
  private static <T, R> List<R> each(List<T> all, Step<T, R> step) throws IOException {
    try {
      return all.parallelStream()
          .map(
              one -> {
                try {
                  return step.apply(one);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cause == null ? new IOException(e) : cause;
    }
  }
}
