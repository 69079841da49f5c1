package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.render.Origin;
import io.entrepot.render.Rendering;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files that kustomizations lay over others: what stands in them is a part of an object.
 *
 * @param files relative to the root of the tree
 */
record PatchFiles(Set<String> files) {

  /** Those that the kustomizations name which were read as they stand. */
  static PatchFiles of(Rendering rendering) {
    Set<String> files = new HashSet<>();
    rendering.values().forEach(each -> collect(each.origin().file(), each.root(), files));
    rendering.objects().stream()
        .filter(each -> each.origin().standing())
        .forEach(each -> collect(each.origin().file(), each.root(), files));
    return new PatchFiles(files);
  }

  /** Whether the object was read out of such a file. */
  boolean hold(KubernetesObject object) {
    Origin origin = object.origin();
    return origin.standing() && origin.file() != null && files.contains(origin.file());
  }

  private static void collect(@Nullable String file, SourceNode root, Set<String> files) {
    int slash = file == null ? -1 : file.lastIndexOf('/');
    if (file == null || !file.substring(slash + 1).startsWith("kustomization.")) {
      return;
    }
    String directory = file.substring(0, slash + 1);
    for (String list : Set.of("patches", "patchesJson6902")) {
      for (SourceMapping patch : Nodes.mappings(root, list)) {
        add(directory, Nodes.text(patch, "path"), files);
      }
    }
    for (SourceNode patch : Nodes.items(root, "patchesStrategicMerge")) {
      add(directory, patch instanceof ScalarSite text ? text.value() : null, files);
    }
  }

  private static void add(String directory, @Nullable String path, Set<String> files) {
    if (path != null && path.indexOf('\n') < 0) {
      files.add(Path.of(directory + path).normalize().toString().replace('\\', '/'));
    }
  }
}
