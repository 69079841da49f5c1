package io.entrepot.render;

import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.text.FilePosition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Flux's Kustomizations. */
final class FluxKustomizations {

  private final Sources sources;
  private final Clusters clusters;
  private final ConfigMaps configMaps;

  FluxKustomizations(Sources sources, Clusters clusters, ConfigMaps configMaps) {
    this.sources = sources;
    this.clusters = clusters;
    this.configMaps = configMaps;
  }

  /** What a Kustomization asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration) {
    List<Assignment> found = new ArrayList<>();
    Object kustomization = declaration.document();
    FilePosition where = declaration.position();
    List<String> into = declaration.targets();
    String given = Plain.text(kustomization, "spec", "path");
    String path = TreePath.tidy(given == null ? "" : given);
    String source = Plain.text(kustomization, "spec", "sourceRef", "kind");
    if (source != null && !source.equals("GitRepository") && !sources.isDirectory(path)) {
      // An OCIRepository or Bucket whose content is not here.
      return remote(kustomization, where, into);
    }
    Map<String, @Nullable Object> overlay = new LinkedHashMap<>();
    for (String key : List.of("images", "patches", "components", "namePrefix", "nameSuffix")) {
      Object value = Plain.at(kustomization, "spec", key);
      if (value != null) {
        overlay.put(key, value);
      }
    }
    String namespace = Plain.text(kustomization, "spec", "targetNamespace");
    if (namespace != null) {
      overlay.put("namespace", namespace);
    }
    boolean plain = sources.kustomization(path) == null && sources.isDirectory(path);
    List<String> resources = plain ? resources(path) : List.of();
    boolean nested = resources.stream().anyMatch(sources::isDirectory);
    for (String target : into) {
      SortedMap<String, String> substitutions = substitutions(target, kustomization);
      // Files that nothing is laid over are judged where they stand, line by line.
      boolean standing = plain && !nested && overlay.isEmpty() && substitutions.isEmpty();
      RenderEntry entry =
          standing || (plain && resources.isEmpty())
              ? new Manifests(
                  List.of((path.isEmpty() ? "" : path + "/") + "**/*.{yaml,yml}"), namespace, where)
              : new Kustomize(
                  path, resources, namespace, KustomizeOverlay.of(overlay), substitutions, where);
      found.add(new Assignment(target, clusters.of(target, elsewhere(kustomization)), entry));
    }
    return found;
  }

  /** The kustomizations below a directory that has none of its own, and the files beside them. */
  private List<String> resources(String directory) {
    Set<String> resources = new LinkedHashSet<>();
    try {
      for (String file : sources.matching(directory.isEmpty() ? "." : directory)) {
        String resource = file;
        for (int slash = file.indexOf('/', directory.length() + 1);
            slash >= 0 && resource.equals(file);
            slash = file.indexOf('/', slash + 1)) {
          if (sources.kustomization(file.substring(0, slash)) != null) {
            resource = file.substring(0, slash);
          }
        }
        resources.add(resource);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(resources);
  }

  /**
   * Flux's variables. What a ConfigMap gives that is not in the tree stays open: images with such a
   * variable are not judged.
   */
  private SortedMap<String, String> substitutions(String target, @Nullable Object kustomization) {
    SortedMap<String, String> substitutions = new TreeMap<>();
    String namespace = Plain.text(kustomization, "metadata", "namespace");
    for (Object from : Plain.list(kustomization, "spec", "postBuild", "substituteFrom")) {
      if ("ConfigMap".equals(Plain.text(from, "kind"))) {
        putAll(substitutions, configMaps.find(target, namespace, Plain.text(from, "name")));
      }
    }
    putAll(substitutions, Plain.map(kustomization, "spec", "postBuild", "substitute"));
    return substitutions;
  }

  private static void putAll(Map<String, String> into, Map<String, @Nullable Object> values) {
    values.forEach((key, value) -> into.put(key, value == null ? "" : value.toString()));
  }

  /** The cluster that another kubeconfig leads to, by its secret; null for the own one. */
  private static @Nullable String elsewhere(@Nullable Object kustomization) {
    return Plain.text(kustomization, "spec", "kubeConfig", "secretRef", "name");
  }

  private List<Assignment> remote(
      @Nullable Object kustomization, FilePosition where, List<String> into) {
    String name = String.valueOf(Plain.text(kustomization, "spec", "sourceRef", "name"));
    List<Assignment> entries = new ArrayList<>();
    for (String target : into) {
      entries.add(
          new Assignment(
              target,
              clusters.of(target, elsewhere(kustomization)),
              new Kustomize(
                  "source " + name + " of " + Plain.text(kustomization, "metadata", "name"),
                  List.of(),
                  null,
                  null,
                  new TreeMap<>(),
                  where)));
    }
    return entries;
  }
}
