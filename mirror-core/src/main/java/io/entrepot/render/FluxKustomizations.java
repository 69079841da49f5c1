package io.entrepot.render;

import io.entrepot.render.FluxSources.Location;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Unrendered;
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

/** Flux's Kustomizations, as its kustomize-controller builds them. */
final class FluxKustomizations {

  /** Fields of a Kustomization that are those of a kustomization. */
  private static final List<String> OVERLAY =
      List.of(
          "images",
          "patches",
          "patchesStrategicMerge",
          "patchesJson6902",
          "namePrefix",
          "nameSuffix");

  private final Sources sources;
  private final Clusters clusters;
  private final FluxSources fluxSources;
  private final ConfigMaps configMaps;

  FluxKustomizations(
      Sources sources, Clusters clusters, FluxSources fluxSources, ConfigMaps configMaps) {
    this.sources = sources;
    this.clusters = clusters;
    this.fluxSources = fluxSources;
    this.configMaps = configMaps;
  }

  /** What a Kustomization asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    Object kustomization = declaration.document();
    if (Plain.flag(kustomization, "spec", "suspend")) {
      outcome.unrendered.addAll(NotAtHand.suspended(declaration));
      return List.of();
    }
    String given = Plain.text(kustomization, "spec", "path");
    String kind = Plain.text(kustomization, "spec", "sourceRef", "kind");
    String name = Plain.text(kustomization, "spec", "sourceRef", "name");
    Location source = fluxSources.locate(kind, name, given == null ? "" : given);
    String base = source.base();
    if (base == null) {
      outcome.unrendered.addAll(NotAtHand.of(declaration, source.title()));
      return List.of();
    }
    String path = TreePath.below(base, given == null ? "" : given);
    List<String> components = new ArrayList<>();
    for (String component : Plain.texts(kustomization, "spec", "components")) {
      String directory = sources.shown(sources.resolve(TreePath.beside(path, component)));
      if (sources.kustomization(directory) != null
          || !Plain.flag(kustomization, "spec", "ignoreMissingComponents")) {
        components.add(directory);
      }
    }
    Map<String, @Nullable Object> overlay = overlay(kustomization);
    String namespace = Plain.text(kustomization, "spec", "targetNamespace");
    boolean plain = sources.kustomization(path) == null && sources.isDirectory(path);
    List<String> resources = plain ? resources(path) : List.of();
    boolean nested = resources.stream().anyMatch(sources::isDirectory);
    List<Assignment> found = new ArrayList<>();
    for (String target : declaration.targets()) {
      Substitution substitution = substitution(target, declaration, outcome);
      // Files that nothing is laid over are judged where they stand, line by line.
      boolean standing =
          plain && !nested && overlay.isEmpty() && components.isEmpty() && !substitution.isActive();
      RenderEntry entry =
          standing || (plain && resources.isEmpty())
              ? new Manifests(
                  List.of((path.isEmpty() ? "" : path + "/") + "**/*.{yaml,yml}"),
                  namespace,
                  declaration.position())
              : new Kustomize(
                  path,
                  resources,
                  components,
                  namespace,
                  KustomizeOverlay.of(overlay),
                  substitution,
                  false,
                  declaration.position());
      String cluster = clusters.of(target, declaration.home(), cluster(kustomization));
      found.add(new Assignment(target, cluster, entry));
    }
    return found;
  }

  private static @Nullable String cluster(@Nullable Object declared) {
    return Plain.text(declared, "spec", "kubeConfig", "secretRef", "name");
  }

  private static Map<String, @Nullable Object> overlay(@Nullable Object kustomization) {
    Map<String, @Nullable Object> overlay = new LinkedHashMap<>();
    for (String key : OVERLAY) {
      Object value = Plain.at(kustomization, "spec", key);
      if (value != null) {
        overlay.put(key, value);
      }
    }
    String namespace = Plain.text(kustomization, "spec", "targetNamespace");
    if (namespace != null) {
      overlay.put("namespace", namespace);
    }
    return overlay;
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
   * Flux's variables. What only the cluster knows is said; a variable that it alone could give and
   * that has no default stays open, and images with one are not judged.
   */
  private Substitution substitution(String target, Declaration declaration, Outcome outcome) {
    Object kustomization = declaration.document();
    if (Plain.at(kustomization, "spec", "postBuild") == null) {
      return Substitution.NONE;
    }
    SortedMap<String, String> values = new TreeMap<>();
    boolean complete = true;
    String namespace = Plain.text(kustomization, "metadata", "namespace");
    for (Object from : Plain.list(kustomization, "spec", "postBuild", "substituteFrom")) {
      String kind = Plain.text(from, "kind");
      String name = Plain.text(from, "name");
      Map<String, @Nullable Object> data = configMaps.find(target, kind, namespace, name);
      if (data != null) {
        putAll(values, data);
      } else {
        complete = false;
        if (!Plain.flag(from, "optional")) {
          outcome.unrendered.add(
              new Unrendered(
                  target,
                  declaration.title(),
                  declaration.position(),
                  "substituteFrom takes variables from %s %s, which only the cluster can tell; where there are defaults these are judged"
                      .formatted(kind, name)));
        }
      }
    }
    putAll(values, Plain.map(kustomization, "spec", "postBuild", "substitute"));
    return new Substitution(values, complete);
  }

  private static void putAll(Map<String, String> into, Map<String, @Nullable Object> values) {
    values.forEach((key, value) -> into.put(key, value == null ? "" : value.toString()));
  }
}
