package io.entrepot.render;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What kustomizations refer to, so that objects and failures can be traced to their files. */
final class Kustomizations {

  private static final int MAX_FILES = 2_000;

  /** An address that kustomize would fetch. */
  private static final Pattern REMOTE =
      Pattern.compile(
          "(?:https?|ssh|git|oci)::?//.*|git@.*|(?:www\\.)?(?:github\\.com|gitlab\\.com|bitbucket\\.org)[/:].*|.*[?&]ref=.*");

  /** An address of one file. */
  private static final Pattern URL = Pattern.compile("https?://.*");

  /** The key before the path of a generated file. */
  private static final Pattern KEYED = Pattern.compile("^[-._a-zA-Z0-9]+=");

  /** Lists whose items have a {@code path}. */
  private static final List<String> WITH_PATH =
      List.of("patches", "patchesJson6902", "replacements");

  /** Lists of paths. */
  private static final List<String> PATHS =
      List.of(
          "patchesStrategicMerge",
          "resources",
          "bases",
          "components",
          "crds",
          "configurations",
          "generators",
          "transformers",
          "validators");

  private static final List<String> GENERATORS = List.of("configMapGenerator", "secretGenerator");

  /**
   * Something that kustomize would fetch.
   *
   * @param position where it is asked for
   * @param needs an address, or a chart and its repository
   */
  record Remote(FilePosition position, String needs) {}

  private final Sources sources;

  Kustomizations(Sources sources) {
    this.sources = sources;
  }

  /** The files behind a kustomization, overlays before what they lie upon. */
  List<String> files(String directory) {
    Set<String> files = new LinkedHashSet<>();
    collect(normal(directory), files, new LinkedHashSet<>(), new ArrayList<>());
    return List.copyOf(files);
  }

  /** What a kustomization needs that is not in the tree, itself and all that it builds on. */
  List<Remote> remotes(String directory) {
    List<Remote> remotes = new ArrayList<>();
    collect(normal(directory), new LinkedHashSet<>(), new LinkedHashSet<>(), remotes);
    return remotes;
  }

  private void collect(
      String directory, Set<String> files, Set<String> directories, List<Remote> remotes) {
    String file = sources.kustomization(directory);
    if (file == null || !directories.add(directory) || files.size() > MAX_FILES) {
      return;
    }
    files.add(file);
    List<String> deeper = new ArrayList<>();
    for (SourceNode document : sources.file(file).documents()) {
      List<SourceNode> references = new ArrayList<>();
      for (String key : WITH_PATH) {
        for (SourceMapping item : Nodes.mappings(document, key)) {
          add(references, Nodes.at(item, "path"));
        }
      }
      for (SourceMapping chart : Nodes.mappings(document, "helmCharts")) {
        add(references, Nodes.at(chart, "valuesFile"));
        references.addAll(Nodes.items(chart, "additionalValuesFiles"));
        chart(directory, file, document, chart, remotes);
      }
      for (String key : PATHS) {
        references.addAll(Nodes.items(document, key));
      }
      add(references, Nodes.at(document, "openapi", "path"));
      references.forEach(each -> reference(directory, file, each, files, deeper, remotes));
      for (String key : GENERATORS) {
        for (SourceMapping generator : Nodes.mappings(document, key)) {
          generated(directory, file, generator, files, remotes);
        }
      }
    }
    deeper.forEach(each -> collect(each, files, directories, remotes));
  }

  private static void add(List<SourceNode> references, @Nullable SourceNode reference) {
    if (reference != null) {
      references.add(reference);
    }
  }

  private void reference(
      String directory,
      String file,
      SourceNode node,
      Set<String> files,
      List<String> deeper,
      List<Remote> remotes) {
    if (!(node instanceof ScalarSite scalar) || scalar.value().indexOf('\n') >= 0) {
      return;
    }
    String path = normal(TreePath.beside(directory, scalar.value()));
    if (sources.isDirectory(path)) {
      deeper.add(path);
    } else if (sources.isFile(path)) {
      files.add(path);
    } else if (REMOTE.matcher(scalar.value()).matches()) {
      remotes.add(new Remote(FilePosition.of(file, scalar.line()), scalar.value()));
    }
  }

  /** What a generator of ConfigMaps or Secrets reads: {@code [key=]path}. */
  private void generated(
      String directory,
      String file,
      SourceMapping generator,
      Set<String> files,
      List<Remote> remotes) {
    List<SourceNode> items = new ArrayList<>(Nodes.items(generator, "files"));
    items.addAll(Nodes.items(generator, "envs"));
    add(items, Nodes.at(generator, "env"));
    for (SourceNode item : items) {
      if (item instanceof ScalarSite scalar) {
        String path = KEYED.matcher(scalar.value()).replaceFirst("");
        if (URL.matcher(path).matches()) {
          remotes.add(new Remote(FilePosition.of(file, scalar.line()), path));
        } else if (sources.isFile(TreePath.beside(directory, path))) {
          files.add(normal(TreePath.beside(directory, path)));
        }
      }
    }
  }

  /** A chart that kustomize would fetch: it has a repository and is not below the chart home. */
  private void chart(
      String directory,
      String file,
      SourceNode document,
      SourceMapping chart,
      List<Remote> remotes) {
    String name = Nodes.text(chart, "name");
    String repository = Nodes.text(chart, "repo");
    String version = Nodes.text(chart, "version");
    if (name == null || repository == null) {
      return;
    }
    String given = Nodes.text(document, "helmGlobals", "chartHome");
    String home = normal(TreePath.beside(directory, given == null ? "charts" : given));
    boolean here =
        sources.isFile(
            version == null
                ? "%s/%s/Chart.yaml".formatted(home, name)
                : "%s/%s-%s/%s/Chart.yaml".formatted(home, name, version, name));
    if (!here) {
      remotes.add(
          new Remote(
              FilePosition.of(file, chart.line()),
              "the chart %s of %s".formatted(name, repository)));
    }
  }

  private String normal(String path) {
    return sources.shown(sources.resolve(path));
  }
}
