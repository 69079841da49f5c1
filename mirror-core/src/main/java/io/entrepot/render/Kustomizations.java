package io.entrepot.render;

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

  /** References to what is not in the tree. */
  List<ScalarSite> remotes(String directory) {
    List<ScalarSite> remotes = new ArrayList<>();
    collect(normal(directory), new LinkedHashSet<>(), new LinkedHashSet<>(), remotes);
    return remotes;
  }

  private void collect(
      String directory, Set<String> files, Set<String> directories, List<ScalarSite> remotes) {
    String file = sources.kustomization(directory);
    if (file == null || !directories.add(directory) || files.size() > MAX_FILES) {
      return;
    }
    files.add(file);
    List<String> deeper = new ArrayList<>();
    for (SourceNode document : sources.file(file).documents()) {
      for (String key : List.of("patches", "patchesJson6902", "replacements")) {
        for (SourceMapping patch : Nodes.mappings(document, key)) {
          reference(directory, Nodes.at(patch, "path"), files, deeper, remotes);
        }
      }
      for (SourceMapping chart : Nodes.mappings(document, "helmCharts")) {
        reference(directory, Nodes.at(chart, "valuesFile"), files, deeper, remotes);
      }
      for (String key :
          List.of("patchesStrategicMerge", "resources", "bases", "components", "crds")) {
        for (SourceNode item : Nodes.items(document, key)) {
          reference(directory, item, files, deeper, remotes);
        }
      }
    }
    deeper.forEach(each -> collect(each, files, directories, remotes));
  }

  private void reference(
      String directory,
      @Nullable SourceNode node,
      Set<String> files,
      List<String> deeper,
      List<ScalarSite> remotes) {
    if (!(node instanceof ScalarSite scalar) || scalar.value().indexOf('\n') >= 0) {
      return;
    }
    String path = normal(directory.isEmpty() ? scalar.value() : directory + "/" + scalar.value());
    if (sources.isDirectory(path)) {
      deeper.add(path);
    } else if (sources.isFile(path)) {
      files.add(path);
    } else if (REMOTE.matcher(scalar.value()).matches()) {
      remotes.add(scalar);
    }
  }

  private String normal(String path) {
    return sources.shown(sources.resolve(path));
  }
}
