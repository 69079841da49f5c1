package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteRule;
import io.entrepot.yaml.UnreadableYamlException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by rendering where a values file's digests have to go.
 *
 * <p>Each image has a few forms: the digest in a field of its own, in the tag, in the repository.
 * The file is rendered as it was and as it would be; an image whose form did not come out as a
 * pinned image, or spoilt a label, takes its next form, until all are right or have none left.
 */
final class RenderedFile {

  private final PinRules rules;
  private final ScannedFile file;
  private final Path chart;
  private final ChartRenderer renderer;
  private final Function<ImageSite, @Nullable Resolution> chooser;

  private final Map<ImageSite, Deque<SiteRule.DigestField>> forms = new HashMap<>();
  private final Map<ImageSite, SiteRule.DigestField> form = new HashMap<>();
  private final Map<ImageSite, Resolution.Missing> given = new HashMap<>();
  private final Map<ImageSite, String> remarks = new HashMap<>();

  RenderedFile(
      PinRules rules,
      ScannedFile file,
      Path chart,
      ChartRenderer renderer,
      Function<ImageSite, @Nullable Resolution> chooser) {
    this.rules = rules;
    this.file = file;
    this.chart = chart;
    this.renderer = renderer;
    this.chooser = chooser;
  }

  private String chartName() {
    return String.valueOf(chart.toAbsolutePath().normalize().getFileName());
  }

  /**
   * The file's edits, each of which was seen in what the chart renders, or says that it was not.
   *
   * @throws IOException if the renderer cannot be used at all
   */
  FilePlan plan() throws IOException {
    FilePlan plan = edited();
    if (!plan.changes()) {
      return plan;
    }
    Manifests before;
    try {
      before = Manifests.of(renderer.render(chart, plan.before()));
    } catch (UnrenderableException | UnreadableYamlException e) {
      return abandoned("%s cannot be rendered as it is: %s".formatted(chartName(), e.getMessage()));
    }
    String templates = templates();
    for (ImageSite site : file.found().sites()) {
      forms.put(site, forms(site, templates));
      next(site);
    }
    while (true) {
      plan = edited();
      if (!plan.changes()) {
        return plan;
      }
      Map<ImageSite, String> wrong = new HashMap<>();
      try {
        Manifests after = Manifests.of(renderer.render(chart, plan.after()));
        judge(before, after, written(plan), wrong);
      } catch (UnrenderableException | UnreadableYamlException e) {
        // Whose fault it is cannot be told: whoever has another form takes it.
        Set<ImageSite> written = written(plan).keySet();
        boolean last = written.stream().noneMatch(this::hasNext);
        for (ImageSite site : written) {
          if (last || hasNext(site)) {
            wrong.put(site, String.valueOf(e.getMessage()));
          }
        }
      }
      if (wrong.isEmpty()) {
        return edited();
      }
      wrong.forEach(
          (site, why) -> {
            if (!next(site)) {
              given.put(
                  site,
                  new Resolution.Missing(
                      LeftReason.NOT_WRITABLE,
                      "%s has no place for its digest: %s".formatted(chartName(), why)));
            }
          });
    }
  }

  private FilePlan edited() {
    SiteWriter writer = new SiteWriter(rules.floating(), rules.sites(), form);
    return new FileEditor(writer, file, remarks).plan(this::resolution);
  }

  private @Nullable Resolution resolution(ImageSite site) {
    Resolution.Missing missing = given.get(site);
    return missing == null ? chooser.apply(site) : missing;
  }

  private FilePlan abandoned(String why) {
    Resolution.Missing missing = new Resolution.Missing(LeftReason.NOT_WRITABLE, why);
    for (ImageSite site : file.found().sites()) {
      if (chooser.apply(site) instanceof Resolution.Pinned) {
        given.put(site, missing);
      }
    }
    return edited();
  }

  private boolean hasNext(ImageSite site) {
    Deque<SiteRule.DigestField> left = forms.get(site);
    return left != null && !left.isEmpty();
  }

  /** Goes on to a site's next form; false where there is none. */
  private boolean next(ImageSite site) {
    Deque<SiteRule.DigestField> left = forms.getOrDefault(site, new ArrayDeque<>());
    if (left.isEmpty()) {
      return false;
    }
    form.put(site, left.pop());
    return true;
  }

  private static Deque<SiteRule.DigestField> forms(ImageSite site, String templates) {
    Deque<SiteRule.DigestField> forms = new ArrayDeque<>();
    boolean fields =
        switch (site.layout()) {
          case MAP, FLAT, SPLIT -> true;
          default -> false;
        };
    if (!fields) {
      return forms;
    }
    Segment tag = site.tag();
    boolean inTag = tag != null && tag.text().contains("@");
    if (inTag) {
      forms.add(SiteRule.DigestField.TAG);
    }
    if (site.digest() != null) {
      forms.add(SiteRule.DigestField.DIGEST);
    } else if (site.layout() == Layout.MAP && site.mapping() != null) {
      if (templates.contains(".digest")) {
        forms.add(SiteRule.DigestField.DIGEST);
      }
      if (templates.contains(".sha")) {
        forms.add(SiteRule.DigestField.SHA);
      }
    }
    if (tag != null && !tag.isEmpty() && !inTag) {
      forms.add(SiteRule.DigestField.TAG);
    }
    forms.add(SiteRule.DigestField.REPOSITORY);
    return forms;
  }

  /** What the chart's templates say, all of it; empty where they cannot be read. */
  private String templates() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(chart)) {
      for (Path template : files.filter(Files::isRegularFile).toList()) {
        String name = template.toString();
        boolean read = name.endsWith(".tpl") || name.contains("templates");
        if (read && Files.size(template) < 1 << 20) {
          text.append(new String(Files.readAllBytes(template), StandardCharsets.UTF_8));
        }
      }
    }
    return text.toString();
  }

  /** The sites that are to be written and can be, whatever their form. */
  private Map<ImageSite, Resolution.Pinned> written(FilePlan plan) {
    Set<String> shared = new HashSet<>();
    for (Left left : plan.left()) {
      if (left.kind() == LeftReason.SHARED) {
        shared.add(left.path());
      }
    }
    Map<ImageSite, Resolution.Pinned> written = new HashMap<>();
    for (ImageSite site : file.found().sites()) {
      if (!shared.contains(site.path()) && resolution(site) instanceof Resolution.Pinned pinned) {
        written.put(site, pinned);
      }
    }
    return written;
  }

  private void judge(
      Manifests before,
      Manifests after,
      Map<ImageSite, Resolution.Pinned> written,
      Map<ImageSite, String> wrong) {
    Set<ImageReference> staying = new HashSet<>();
    for (ImageSite site : file.found().sites()) {
      if (!written.containsKey(site) && site.reading() instanceof Reading.Image image) {
        staying.add(image.reference());
      }
    }
    Set<String> spoilt = after.invalidLabels();
    spoilt.removeAll(before.invalidLabels());
    written.forEach(
        (site, pinned) -> {
          String why = problem(site, pinned, before, after, staying);
          String hex = pinned.digest().shortHex(12);
          SiteRule.DigestField where = form.get(site);
          boolean field = where == SiteRule.DigestField.DIGEST || where == SiteRule.DigestField.SHA;
          if (why == null && !field && spoilt.stream().anyMatch(label -> label.contains(hex))) {
            why = "its digest ends up in a label, which takes no '@' and no ':'";
          }
          if (why == null && !field && after.selects(pinned.digest())) {
            why = "its digest ends up in a selector, which cannot change";
          }
          if (why != null) {
            wrong.put(site, why);
          }
        });
    if (wrong.isEmpty() && !spoilt.isEmpty()) {
      String label = "it makes the label value '%s'".formatted(spoilt.iterator().next());
      written.keySet().forEach(site -> wrong.put(site, label));
    }
    if (wrong.isEmpty()) {
      others(before, after, written, wrong);
    }
  }

  private @Nullable String problem(
      ImageSite site,
      Resolution.Pinned pinned,
      Manifests before,
      Manifests after,
      Set<ImageReference> staying) {
    if (!(site.reading() instanceof Reading.Image image)) {
      return null;
    }
    ImageReference old = image.reference();
    String hex = pinned.digest().hex();
    for (String written : after.malformed()) {
      if (written.contains(hex)) {
        return "it is rendered as '%s', which is no image".formatted(written);
      }
    }
    if (!before.has(old)) {
      remarks.put(site, "not rendered with these values, so not proved");
      return null;
    }
    if (!after.has(pinned)) {
      return "the rendered image does not have it";
    }
    if (!staying.contains(old) && after.hasWithout(old, pinned.digest())) {
      return "%s is still rendered".formatted(old);
    }
    remarks.put(site, "seen in the rendered manifests");
    return null;
  }

  /** Images that changed though nobody asked: those that a shared registry takes along. */
  private void others(
      Manifests before,
      Manifests after,
      Map<ImageSite, Resolution.Pinned> written,
      Map<ImageSite, String> wrong) {
    Set<Repository> ours = new HashSet<>();
    written.values().forEach(pinned -> ours.add(pinned.repository()));
    for (ImageReference image : after.images()) {
      if (!before.images().contains(image) && !ours.contains(image.repository())) {
        written
            .keySet()
            .forEach(
                site -> {
                  if (site.above() != null) {
                    wrong.put(
                        site,
                        "the registry that it shares would make an image %s, which is not in the lock"
                            .formatted(image));
                    forms.remove(site);
                  }
                });
      }
    }
  }
}
