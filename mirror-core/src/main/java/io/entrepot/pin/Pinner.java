package io.entrepot.pin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans the rewriting of files; nothing is written here. */
public final class Pinner {

  private final PinRules rules;
  private final PinSource source;
  private final @Nullable Rendering rendering;

  /**
   * @param rules what {@code pin.yaml} says
   * @param source where digests come from
   */
  public Pinner(PinRules rules, PinSource source) {
    this(rules, source, null);
  }

  /**
   * @param rules what {@code pin.yaml} says
   * @param source where digests come from
   * @param rendering proves the values files that have a chart, or null
   */
  public Pinner(PinRules rules, PinSource source, @Nullable Rendering rendering) {
    this.rules = rules;
    this.source = source;
    this.rendering = rendering;
  }

  /**
   * What happens to every YAML file below the given paths.
   *
   * @param untouched files that are configuration of this program, such as the lock
   * @throws IOException if a file cannot be read
   */
  public PinPlan plan(List<Path> paths, List<Path> untouched) throws IOException {
    List<ScannedFile> files = scan(paths, untouched, rules);
    List<Reading> readings = new ArrayList<>();
    for (ScannedFile file : files) {
      if (file.problem() == null) {
        file.found().sites().forEach(site -> readings.add(site.reading()));
      }
    }
    source.prepare(readings);
    SiteWriter writer = new SiteWriter(rules.floating(), rules.sites());
    List<FilePlan> plans = new ArrayList<>();
    for (ScannedFile file : files) {
      Optional<Path> chart =
          rendering == null || file.problem() != null ? Optional.empty() : rendering.chartOf(file);
      plans.add(
          chart.isPresent() && rendering != null
              ? new RenderedFile(
                      rules, file, chart.get(), rendering.renderer(), this::resolution)
                  .plan()
              : new FileEditor(writer, file).plan(this::resolution));
    }
    return new PinPlan(plans);
  }

  private Resolution resolution(ImageSite site) {
    return source.resolve(site.reading());
  }

  static List<ScannedFile> scan(List<Path> paths, List<Path> untouched, PinRules rules)
      throws IOException {
    List<GitOpsTree.Entry> entries = GitOpsTree.files(paths, untouched, rules);
    try {
      return entries.parallelStream()
          .map(
              entry -> {
                try {
                  return ScannedFile.read(
                      entry.path(), entry.shown(), entry.relative(), rules.sites());
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause() == null ? e : e.getCause());
    }
  }
}
