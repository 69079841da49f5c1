package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.render.RenderTools;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Copies the digests of one environment's files to the same sites of another's. */
public final class Promoter {

  private final PinRules rules;
  private final PolicyFilter filter;
  private final @Nullable RenderTools tools;

  /**
   * @param rules what {@code pin.yaml} says
   * @param filter what is promoted has to pass it
   * @param tools prove the whole plan, or null
   */
  public Promoter(PinRules rules, PolicyFilter filter, @Nullable RenderTools tools) {
    // What FROM holds is copied as it is, floating tags included.
    this.rules = rules.withFloating(new FloatingTags(List.of()));
    this.filter = filter;
    this.tools = tools;
  }

  /**
   * What happens to the files below {@code to}; those below {@code from} are only read. Files are
   * paired by their paths, sites by theirs, list items by their names.
   *
   * @throws IOException if a file cannot be read
   */
  public PinPlan plan(Path from, Path to) throws IOException {
    Map<String, ScannedFile> sources = new HashMap<>();
    for (ScannedFile file : Pinner.scan(List.of(from), List.of(), rules)) {
      sources.put(file.relative(), file);
    }
    SiteWriter writer = new SiteWriter(rules.floating(), rules.sites());
    Map<Path, ScannedFile> targets = new HashMap<>();
    Map<Path, Map<String, ImageSite>> offers = new HashMap<>();
    List<FilePlan> plans = new ArrayList<>();
    PromotedImages promoted = new PromotedImages();
    for (ScannedFile target : Pinner.scan(List.of(to), List.of(), rules)) {
      ScannedFile source = sources.remove(target.relative());
      Map<String, ImageSite> offered = new HashMap<>();
      if (source != null) {
        source.found().sites().forEach(site -> offered.putIfAbsent(site.identity(), site));
        for (ImageSite site : source.found().sites()) {
          // Objects are often named after their environment: shop-dev is shop-staging there.
          offered.putIfAbsent(site.identity().replace(name(from), name(to)), site);
        }
      }
      targets.put(target.path(), target);
      offers.put(target.path(), offered);
      Set<String> matched = new HashSet<>();
      plans.add(
          new FileEditor(writer, target)
              .plan(
                  site -> {
                    ImageSite other = offered.get(site.identity());
                    if (other != null) {
                      matched.add(other.identity());
                    }
                    Resolution resolution = filter.filtered(resolution(site, other));
                    promoted.add(site, resolution);
                    return resolution;
                  }));
      if (source != null) {
        plans.add(onlyIn(source, matched));
      }
    }
    sources.values().stream()
        .sorted(Comparator.comparing(ScannedFile::relative))
        .forEach(file -> plans.add(onlyIn(file, Set.of())));
    return TreeProof.of(
        plans.stream().filter(plan -> plan.changes() || !plan.left().isEmpty()).toList(),
        tools,
        WholeTree.around(List.of(to)),
        new ImageChange(promoted::of, true),
        new Replanner(
            rules,
            plan -> Objects.requireNonNull(targets.get(plan.path())),
            (file, site) ->
                filter.filtered(
                    resolution(
                        site,
                        Objects.requireNonNull(offers.get(file.path())).get(site.identity()))),
            tools == null ? null : RenderProof.with(tools)));
  }

  private static Resolution resolution(ImageSite site, @Nullable ImageSite other) {
    if (other == null) {
      return new Resolution.Missing(LeftReason.ONE_SIDED, "FROM has no such site");
    }
    if (site.reading() instanceof Reading.Chart chart) {
      return other.reading().equals(chart)
          ? new Resolution.Moved(chart.repository(), chart.digest(), null)
          : new Resolution.Missing(
              LeftReason.ONE_SIDED,
              "FROM has the chart %s; versions are not promoted".formatted(other.reading()));
    }
    if (site.reading() instanceof Reading.Unclear part
        && other.reading() instanceof Reading.Unclear offered
        && part.reason() == offered.reason()
        && (part.reason() == LeftReason.NO_REPOSITORY
            || part.reason() == LeftReason.DIGEST_ALONE)) {
      return part(site, other);
    }
    if (!(site.reading() instanceof Reading.Image)
        && other.reading().toString().equals(site.reading().toString())) {
      return new Resolution.Kept();
    }
    if (!(site.reading() instanceof Reading.Image to)) {
      return new Resolution.Missing(
          LeftReason.ONE_SIDED, "not a plain image here: %s".formatted(site.reading()));
    }
    if (!(other.reading() instanceof Reading.Image source)) {
      return new Resolution.Missing(
          LeftReason.ONE_SIDED, "not a plain image in FROM: %s".formatted(other.reading()));
    }
    ImageReference held = source.reference();
    if (!held.repository().equals(to.reference().repository())) {
      return new Resolution.Missing(
          LeftReason.ONE_SIDED, "FROM has another image here: %s".formatted(held));
    }
    if (held.digest() == null) {
      return new Resolution.Missing(
          LeftReason.ONE_SIDED, "FROM holds no digest here, only %s".formatted(held));
    }
    return new Resolution.Pinned(held.repository(), held.tag(), held.digest(), "");
  }

  /** A tag with its digest, or a digest, whose repository stands in neither file. */
  private static Resolution part(ImageSite site, ImageSite other) {
    String text = other.name().text();
    String digest = other.digest() == null ? null : other.digest().text();
    boolean same = site.digest() == null ? digest == null : site.digest().text().equals(digest);
    if (same && site.name().text().equals(text)) {
      return new Resolution.Kept();
    }
    boolean held = text.contains("sha256:") || (digest != null && !digest.isEmpty());
    if (!held || (site.digest() == null) != (digest == null)) {
      return new Resolution.Missing(
          LeftReason.ONE_SIDED,
          held
              ? "only one of the two has a field for the digest"
              : "FROM holds no digest here, only %s".formatted(text));
    }
    return new Resolution.Copied(text, digest);
  }

  private static String name(Path directory) {
    return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
  }

  private static FilePlan onlyIn(ScannedFile file, Set<String> matched) {
    List<Left> left = new ArrayList<>();
    Left problem = file.problem();
    if (problem != null) {
      left.add(problem);
    }
    for (ImageSite site : file.found().sites()) {
      if (!matched.contains(site.identity())) {
        left.add(
            new Left(
                site.in(file.shown()),
                site.path(),
                site.reading().toString(),
                LeftReason.ONE_SIDED,
                "TO has no such site"));
      }
    }
    return new FilePlan(file.path(), file.shown(), "", "", List.of(), left);
  }
}
