package io.entrepot.mirror.charts;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.render.HelmOptions;
import io.entrepot.render.HelmTemplate;
import io.entrepot.render.ManifestReader;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTools;
import io.entrepot.render.ToolRun;
import io.entrepot.render.ToolRunner;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The images that a chart starts: in what it renders to, hooks and enabled dependencies included,
 * by every way to write an image that is known here, and in its own annotations.
 */
public final class ChartImages {

  private static final int MAX_DEPTH = 100;

  /** Artifact Hub's annotation, and Bitnami's of the same form. */
  private static final List<String> ANNOTATIONS = List.of("artifacthub.io/images", "images");

  /** A whole reference with a registry, as it stands in texts that nobody reads as an image. */
  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?<![\\w./:@%$-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}(?::[0-9]{2,5})?"
              + "(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+"
              + "(?::[A-Za-z0-9_][\\w.-]{0,126}[A-Za-z0-9_])?(?:@sha256:[0-9a-f]{64})?)"
              + "(?![\\w/@:-])");

  /** An argument whose whole value is a reference with a registry and a tag or digest. */
  private static final Pattern FLAG =
      Pattern.compile(
          "--?[A-Za-z0-9._-]+=((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]+(?::[0-9]{2,5})?"
              + "(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[A-Za-z0-9_][\\w.-]{0,127})?"
              + "(?:@sha256:[0-9a-f]{64})?)");

  /** A group and version of an API, as lock names and owners are written: no image. */
  private static final Pattern API =
      Pattern.compile("[^/]+/v[0-9]{1,2}(?:(?:alpha|beta)[0-9]{1,2})?(?::.*)?");

  private final RenderTools tools;

  /** Renders by these programs. */
  public ChartImages(RenderTools tools) {
    this.tools = tools;
  }

  /**
   * What was found.
   *
   * @param sure started for certain
   * @param unsure what looks like an image and where it stands
   */
  public record Found(SortedSet<ImageReference> sure, SortedMap<String, String> unsure) {}

  /**
   * Renders a chart with an entry's values and reads what comes out.
   *
   * @throws ChartException where helm is missing or refuses
   */
  public Found of(PackedChart chart, ChartEntry entry) {
    Found found = new Found(new TreeSet<>(), new TreeMap<>());
    List<SourceNode> documents = documents(render(chart, entry), chart);
    for (SourceNode document : documents) {
      for (ImageSite site : ImageSites.of("", document)) {
        take(site, place(document), found);
      }
    }
    for (SourceNode document : documents) {
      texts(document, place(document), found, 0);
    }
    annotated(chart, found);
    found.unsure().keySet().removeIf(each -> isSure(each, found));
    return found;
  }

  private static List<SourceNode> documents(String rendered, PackedChart chart) {
    try {
      return ManifestReader.nodes(rendered);
    } catch (UnreadableYamlException e) {
      throw new ChartException(
          "%s renders to something that is not YAML: %s"
              .formatted(chart.reference(), e.getMessage()),
          "mend the values",
          e);
    }
  }

  private String render(PackedChart chart, ChartEntry entry) {
    String name = entry.chart().name();
    Path directory = null;
    try {
      directory = Files.createTempDirectory("entrepot-chart");
      Path archive = directory.resolve(name + ".tgz");
      Files.write(archive, chart.archive().getBytes());
      ToolRun run =
          new HelmTemplate(new ToolRunner(directory, tools.timeout(), false), tools.helm())
              .run(release(archive, entry), true);
      if (run.status() != 0) {
        throw new ChartException(
            "%s does not render: %s".formatted(chart.reference(), run.errors()),
            "give the values that it asks for, by values: of the entry");
      }
      return run.output();
    } catch (ToolRun.ToolException e) {
      throw new ChartException(
          "%s cannot be rendered: %s".formatted(chart.reference(), e.getMessage()),
          e.missing
              ? "install helm, so that the images of the chart are found"
              : "look at the chart; it may need other values",
          e);
    } catch (IOException e) {
      throw new ChartException(
          "%s cannot be rendered: %s".formatted(chart.reference(), e.getMessage()),
          "look at the directory for temporary files",
          e);
    } finally {
      remove(directory);
    }
  }

  private static RenderEntry.Helm release(Path archive, ChartEntry entry) {
    ChartEntry.Release release = entry.release();
    return new RenderEntry.Helm(
        archive.toString(),
        null,
        null,
        release.name().orElse(entry.chart().name()),
        release.namespace(),
        entry.values().stream().map(Path::toString).toList(),
        null,
        new HelmOptions(
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(),
            release.kubeVersion().orElse(null),
            release.apiVersions(),
            true,
            true,
            List.of()),
        false,
        FilePosition.of(entry.where()));
  }

  private static void remove(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // The system cleans its directory for temporary files.
      directory.toFile().deleteOnExit();
    }
  }

  private static void take(ImageSite site, String place, Found found) {
    String where = "%s, %s".formatted(place, site.path());
    switch (site.reading()) {
      case Reading.Image image -> found.sure().add(image.reference().orLatest());
      case Reading.Unclear vague -> {
        if (vague.reason() == LeftReason.EMPTY_TAG) {
          found.unsure().putIfAbsent(vague.written(), where);
        }
      }
      case Reading.Chart chart -> {}
      case Reading.ChartRegistry registry -> {}
    }
  }

  /** Looks into every text for whole references. */
  private static void texts(SourceNode node, String place, Found found, int depth) {
    if (depth > MAX_DEPTH) {
      return;
    }
    switch (SourceMapping.resolved(node)) {
      case SourceMapping mapping ->
          mapping.entries().forEach(entry -> texts(entry.value(), place, found, depth + 1));
      case SourceSequence sequence ->
          sequence.items().forEach(item -> texts(item, place, found, depth + 1));
      case ScalarSite scalar -> {
        Matcher flag = FLAG.matcher(scalar.value().strip());
        if (flag.matches() && isWhole(flag.group(1)) && !API.matcher(flag.group(1)).matches()) {
          found.sure().add(ImageReference.parse(flag.group(1)));
        }
        Matcher matcher = REFERENCE.matcher(scalar.value());
        while (matcher.find()) {
          String text = matcher.group(1);
          // Without tag and digest it is an address or an API group as often as an image.
          if (isWhole(text) && !API.matcher(text).matches()) {
            found.unsure().putIfAbsent(text, "%s, line %d".formatted(place, scalar.line()));
          }
        }
      }
      default -> {}
    }
  }

  private static boolean isWhole(String text) {
    return text.indexOf(':', text.lastIndexOf('/')) > 0 || text.contains("@");
  }

  private static void annotated(PackedChart chart, Found found) {
    SourceNode metadata =
        ChartArchive.metadata(chart.archive().getBytes(), chart.reference().toString());
    for (String key : ANNOTATIONS) {
      String text = ChartArchive.annotation(metadata, key);
      if (text == null) {
        continue;
      }
      String where = "annotation " + key;
      for (String image : images(text)) {
        try {
          found.sure().add(ImageReference.parse(image).orLatest());
        } catch (MalformedException e) {
          found.unsure().putIfAbsent(image, where);
        }
      }
    }
  }

  private static List<String> images(String annotation) {
    List<String> images = new ArrayList<>();
    try {
      for (SourceNode document : YamlScanner.scan(SourceText.of(annotation))) {
        for (SourceNode item : Nodes.items(document)) {
          String image = Nodes.text(item, "image");
          if (image != null) {
            images.add(image);
          }
        }
      }
    } catch (UnreadableYamlException e) {
      // An annotation for a page: what is no list of images names none.
      return List.of();
    }
    return images;
  }

  private static boolean isSure(String written, Found found) {
    try {
      ImageReference parsed = ImageReference.parse(written);
      return found.sure().stream()
          .anyMatch(
              each ->
                  each.repository().equals(parsed.repository())
                      && (parsed.tag() == null || parsed.tag().equals(each.tag()))
                      && (parsed.digest() == null || parsed.digest().equals(each.digest())));
    } catch (MalformedException e) {
      return false;
    }
  }

  private static String place(SourceNode document) {
    return "%s/%s"
        .formatted(
            Nodes.text(document, "kind"), String.valueOf(Nodes.text(document, "metadata", "name")));
  }
}
