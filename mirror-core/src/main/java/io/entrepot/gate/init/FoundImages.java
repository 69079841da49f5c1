package io.entrepot.gate.init;

import io.entrepot.gate.ImageUse;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.UnclearImage;
import io.entrepot.lock.LockFile;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.pods.PodList;
import io.entrepot.pods.RunningContainer;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Rendering;
import io.entrepot.render.Rendering.RemoteChart;
import io.entrepot.sites.ImagePattern;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Reading;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects the images of a tree and of clusters, each once. */
final class FoundImages {

  private static final Set<String> ASKING = Set.of("HelmRelease", "Application", "ApplicationSet");

  private static final String CHART = "Chart.yaml";
  private static final String VALUES = "values.yaml";

  private final Path root;
  private final Repository target;
  private final List<ImagePattern> firstParty;
  private final Map<ImageReference, ImageReference> sources = new HashMap<>();
  private final Map<ImageReference, FoundImage> images = new TreeMap<>();
  private final Map<ImageReference, FoundImage> own = new TreeMap<>();
  private final Map<ImageReference, FoundImage> inside = new TreeMap<>();
  private final Map<String, FoundChart> charts = new TreeMap<>();
  private final Map<String, InitReport.Unsure> unsure = new TreeMap<>();
  private final Map<String, InitReport.Unread> unread = new TreeMap<>();

  FoundImages(Path root, Repository target, List<String> firstParty, Optional<LockFile> lock) {
    this.root = root;
    this.target = target;
    this.firstParty = firstParty.stream().map(ImagePattern::new).toList();
    lock.ifPresent(
        file ->
            file.images()
                .forEach(
                    (source, locked) -> {
                      sources.put(locked.target(), source);
                      sources.put(locked.pinnedTarget(), source);
                    }));
  }

  /** To be mirrored. */
  List<FoundImage> images() {
    return List.copyOf(images.values());
  }

  /** Built here. */
  List<FoundImage> firstParty() {
    return List.copyOf(own.values());
  }

  /** Copies whose source nothing here tells. */
  List<FoundImage> inside() {
    return List.copyOf(inside.values());
  }

  List<FoundChart> charts() {
    return List.copyOf(charts.values());
  }

  /** What names an image of a repository of which no image is known. */
  List<InitReport.Unsure> unsure() {
    Set<String> repositories = new HashSet<>();
    for (Map<ImageReference, FoundImage> each : List.of(images, own, inside)) {
      each.keySet().forEach(image -> repositories.add(image.repository().toString()));
    }
    return unsure.values().stream()
        .filter(
            each ->
                ImageUse.reference(each.image())
                    .map(image -> !repositories.contains(image.repository().toString()))
                    .orElse(true))
        .toList();
  }

  List<InitReport.Unread> unread() {
    return List.copyOf(unread.values());
  }

  /** Takes what was rendered. */
  void add(RenderedCluster cluster) {
    Rendering rendering = cluster.rendering();
    Set<FilePosition> rendered = new HashSet<>();
    for (RemoteChart chart : rendering.charts()) {
      if (chart.rendered()) {
        rendered.add(chart.release().position());
      }
      addChart(chart);
    }
    for (ImageUse use : cluster.images()) {
      if (use.isChart()) {
        addChart(use);
      } else if (use.object() == null
          || !ASKING.contains(use.object().kind())
          || !rendered.contains(use.object().position())) {
        add(use.reference(), use.position().get());
      }
    }
    for (UnclearImage each : cluster.unclear()) {
      unsure(each.written(), each.why(), each.position().get());
    }
    for (FilePosition place : unreadable(rendering)) {
      named(cluster, place);
    }
    for (Rendering.Failure each : rendering.failures()) {
      unread(
          String.valueOf(each.position() == null ? each.target() : each.position()),
          each.message());
    }
    for (Rendering.Unrendered each : rendering.unrendered()) {
      unread(each.what(), each.why());
    }
  }

  /** Takes what a cluster runs. */
  void add(PodList list) {
    for (RunningContainer each : list.containers()) {
      FoundImage found = found(each.image());
      if (found != null) {
        found.in("%s %s".formatted(each.cluster(), each.title()));
      }
    }
    list.warnings().forEach(warning -> unread(list.cluster(), warning));
    if (!list.complete()) {
      unread(list.cluster(), "the list of pods has further pages, which are not in the file");
    }
  }

  /** Where stands what was not rendered. */
  private static Set<FilePosition> unreadable(Rendering rendering) {
    Set<FilePosition> places = new TreeSet<>();
    rendering.failures().forEach(each -> addTo(places, each.position()));
    rendering.unrendered().forEach(each -> addTo(places, each.position()));
    return places;
  }

  private static void addTo(Set<FilePosition> places, @Nullable FilePosition place) {
    if (place != null) {
      places.add(place);
    }
  }

  /**
   * The images that something itself names which was not rendered: a release in its values, a chart
   * in those that it brings.
   */
  private void named(RenderedCluster cluster, FilePosition place) {
    for (SourceNode document : cluster.locator().documents(place.file())) {
      if (document.line() == place.line()
          && ASKING.contains(String.valueOf(Nodes.text(document, "kind")))) {
        sites(List.of(document), place, true);
      }
    }
    if (place.file().endsWith(CHART)) {
      String values = place.file().substring(0, place.file().length() - CHART.length()) + VALUES;
      sites(cluster.locator().documents(values), FilePosition.of(values), true);
    }
  }

  private void unread(String what, String why) {
    unread.putIfAbsent(why, new InitReport.Unread(what, why));
  }

  private void unsure(String written, String why, @Nullable FilePosition place) {
    unsure.putIfAbsent(written, new InitReport.Unsure(written, why, place));
  }

  private void add(ImageReference image, @Nullable FilePosition place) {
    FoundImage found = found(image);
    if (found != null && place != null) {
      found.at(place);
    }
  }

  private @Nullable FoundImage found(ImageReference given) {
    ImageReference image = given.orLatest();
    if (target.contains(image.repository())) {
      ImageReference source =
          sources.get(image.digest() == null ? image : image.pinnedTo(image.digest()));
      if (source == null && image.tag() != null) {
        source = sources.get(image.repository().tagged(image.tag()));
      }
      if (source == null) {
        return inside.computeIfAbsent(image, FoundImage::new);
      }
      image = source;
    }
    ImageReference key = image;
    boolean ours = firstParty.stream().anyMatch(pattern -> pattern.matches(key));
    return (ours ? own : images).computeIfAbsent(key, FoundImage::new);
  }

  private void addChart(RemoteChart chart) {
    RenderEntry.Helm release = chart.release();
    FoundChart found = new FoundChart(release.chart(), release.repository(), release.version());
    FoundChart known = charts.computeIfAbsent(found.key(), _ -> found);
    List<String> files =
        release.values().stream().filter(file -> Files.isRegularFile(root.resolve(file))).toList();
    known.usedBy(release, files, chart.rendered());
    if (!chart.rendered()) {
      values(release);
    }
  }

  private void addChart(ImageUse use) {
    ImageReference reference = use.reference();
    if (target.contains(reference.repository())) {
      return;
    }
    Tag tag = reference.tag();
    FoundChart found =
        new FoundChart("oci://" + reference.repository(), null, tag == null ? null : tag.value());
    boolean known =
        charts.values().stream().anyMatch(each -> each.isRepository(reference.repository()));
    if (!known) {
      charts.putIfAbsent(found.key(), found);
    }
  }

  /** The images that the values of a release name whose chart is not at hand. */
  private void values(RenderEntry.Helm release) {
    if (release.inline() != null) {
      sites(release.inline(), release.position(), false);
    }
    for (String file : release.values()) {
      Path path = root.resolve(file);
      try {
        if (Files.isRegularFile(path) && Files.size(path) <= YamlScanner.MAX_LENGTH) {
          sites(SourceText.decode(Files.readAllBytes(path)).text(), FilePosition.of(file, 1), true);
        }
      } catch (IOException e) {
        unread(file, "cannot be read: " + e.getMessage());
      }
    }
  }

  private void sites(String text, FilePosition at, boolean lines) {
    List<SourceNode> documents = new ArrayList<>();
    try {
      documents.addAll(YamlScanner.scan(SourceText.of(text)));
    } catch (UnreadableYamlException e) {
      unread(at.toString(), "values that are no YAML: " + e.getMessage());
    }
    sites(documents, at, lines);
  }

  private void sites(List<SourceNode> documents, FilePosition at, boolean lines) {
    for (SourceNode document : documents) {
      for (ImageSite site : ImageSites.of(VALUES, document)) {
        FilePosition place = lines ? FilePosition.of(at.file(), site.line()) : at;
        switch (site.reading()) {
          case Reading.Image image -> add(image.reference(), place);
          case Reading.Unclear vague when UnclearImage.counts(vague) ->
              unsure(vague.written(), vague.message(), place);
          case Reading.Unclear _, Reading.Chart _, Reading.ChartRegistry _ -> {}
        }
      }
    }
  }
}
