package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.render.Origin;
import io.entrepot.render.RenderEntry;
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
 * What kustomizations make of files that were read as they stand.
 *
 * @param patches files that are laid over others: what stands in them is a part of an object
 * @param directories those with a kustomization, with a slash at the end: what lies in them is put
 *     together with others
 */
record Kustomized(Set<String> patches, Set<String> directories) {

  /** By the kustomizations that were read as they stand. */
  static Kustomized of(Rendering rendering) {
    Set<String> patches = new HashSet<>();
    Set<String> directories = new HashSet<>();
    rendering
        .values()
        .forEach(each -> collect(each.origin().file(), each.root(), patches, directories));
    rendering.objects().stream()
        .filter(each -> each.origin().standing())
        .forEach(each -> collect(each.origin().file(), each.root(), patches, directories));
    return new Kustomized(patches, directories);
  }

  /** Whether the object was read out of a file that is laid over another. */
  boolean isPatch(KubernetesObject object) {
    Origin origin = object.origin();
    return origin.standing() && origin.file() != null && patches.contains(origin.file());
  }

  /** Whether the object is a base or a patch that kustomize would put together with others. */
  boolean isPart(KubernetesObject object) {
    Origin origin = object.origin();
    return isPatch(object)
        || (origin.standing()
            && origin.file() != null
            && origin.entry() instanceof RenderEntry.Manifests
            && directories.contains(
                origin.file().substring(0, origin.file().lastIndexOf('/') + 1)));
  }

  private static void collect(
      @Nullable String file, SourceNode root, Set<String> files, Set<String> directories) {
    int slash = file == null ? -1 : file.lastIndexOf('/');
    if (file == null || !file.substring(slash + 1).startsWith("kustomization.")) {
      return;
    }
    String directory = file.substring(0, slash + 1);
    directories.add(directory);
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
