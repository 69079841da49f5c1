package io.entrepot.pin;

import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plans files once more, after rendering has shown what is wrong with their plans. */
final class Replanner {

  /** Reads a planned file. */
  interface Scan {
    ScannedFile of(FilePlan plan) throws IOException;
  }

  private final PinRules rules;
  private final Scan scan;
  private final Chooser chooser;
  private final @Nullable RenderProof charts;

  /**
   * @param rules with the floating tags of the plan
   * @param charts finds the charts of values files, or null where no other place is looked for
   */
  Replanner(PinRules rules, Scan scan, Chooser chooser, @Nullable RenderProof charts) {
    this.rules = rules;
    this.scan = scan;
    this.chooser = chooser;
    this.charts = charts;
  }

  /**
   * The file's plan without some sites.
   *
   * @param refused why a site stays, or nothing for the others
   */
  FilePlan without(FilePlan plan, Function<ImageSite, Optional<String>> refused)
      throws IOException {
    ScannedFile file = scan.of(plan);
    return new FileEditor(new SiteWriter(rules.floating(), rules.sites()), file)
        .plan(
            site -> {
              Optional<String> why = refused.apply(site);
              return why.isPresent()
                  ? new Resolution.Missing(LeftReason.RENDERS_OTHERWISE, why.get())
                  : chooser.of(file, site);
            });
  }

  /** Another plan whose digests go where the file's chart reads them. */
  Optional<FilePlan> otherwise(FilePlan plan) throws IOException {
    ScannedFile file = scan.of(plan);
    Optional<Path> chart = charts == null ? Optional.empty() : charts.chartOf(file);
    return charts == null || chart.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RenderedFile(
                    rules, file, chart.get(), charts.renderer(), site -> chooser.of(file, site))
                .plan());
  }
}
