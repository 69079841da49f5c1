package io.entrepot.pin;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that kustomize builds: a kustomization, a Kustomization of Flux, a source of Argo CD.
 *
 * @param file where it is written
 * @param reads files and directories that it builds upon
 * @param images the names of images that it replaces
 * @param recursive whether a directory without a kustomization is taken with all below it
 * @param component whether it is laid over what its user reads, and not built by itself
 */
record KustomizeBuild(
    Path file, List<Path> reads, Set<String> images, boolean recursive, boolean component) {

  private static final List<String> LISTS =
      List.of(
          "resources",
          "bases",
          "components",
          "patchesStrategicMerge",
          "transformers",
          "generators");
  private static final List<String> PATCHES = List.of("patches", "patchesJson6902");

  /** A {@code kustomization.yaml}. */
  static KustomizeBuild ofFile(Path file, List<SourceNode> documents) {
    Path directory = file.resolveSibling("");
    List<Path> reads = new ArrayList<>();
    Set<String> images = new HashSet<>();
    for (SourceNode document : documents) {
      for (String list : LISTS) {
        if (Nodes.at(document, list) instanceof SourceSequence items) {
          items.items().forEach(item -> read(directory, item, reads));
        }
      }
      for (String list : PATCHES) {
        for (SourceMapping patch : Nodes.mappings(document, list)) {
          read(directory, Nodes.at(patch, "path"), reads);
        }
      }
      images.addAll(replaced(Nodes.at(document, "images")));
    }
    boolean component =
        documents.stream().anyMatch(document -> text(document, "kind").equals("Component"));
    return new KustomizeBuild(
        file, List.copyOf(reads), Set.copyOf(images), /* recursive= */ false, component);
  }

  /**
   * What objects of Flux and Argo CD build from their own repository.
   *
   * @param roots directories that their paths may begin at
   */
  static List<KustomizeBuild> ofObjects(Path file, List<SourceNode> documents, List<Path> roots) {
    List<KustomizeBuild> builds = new ArrayList<>();
    for (SourceNode document : documents) {
      String version = text(document, "apiVersion");
      if (version.startsWith("kustomize.toolkit.fluxcd.io/")) {
        SourceNode spec = Nodes.at(document, "spec");
        add(file, spec, Nodes.at(document, "spec", "images"), roots, /* recursive= */ true, builds);
      } else if (version.startsWith("argoproj.io/")) {
        argoCd(file, Nodes.at(document, "spec"), roots, builds);
        argoCd(file, Nodes.at(document, "spec", "template", "spec"), roots, builds);
      }
    }
    return builds;
  }

  private static void argoCd(
      Path file, @Nullable SourceNode spec, List<Path> roots, List<KustomizeBuild> builds) {
    if (spec == null) {
      return;
    }
    for (SourceNode source : sources(spec)) {
      SourceNode images = Nodes.at(source, "kustomize", "images");
      boolean recursive = "true".equals(Nodes.text(source, "directory", "recurse"));
      add(file, source, images, roots, recursive, builds);
    }
  }

  private static List<SourceNode> sources(SourceNode spec) {
    List<SourceNode> sources = new ArrayList<>(Nodes.mappings(spec, "sources"));
    SourceNode one = Nodes.at(spec, "source");
    if (one != null) {
      sources.add(one);
    }
    return sources;
  }

  private static void add(
      Path file,
      @Nullable SourceNode source,
      @Nullable SourceNode images,
      List<Path> roots,
      boolean recursive,
      List<KustomizeBuild> builds) {
    String path = source == null ? "" : text(source, "path");
    if (source == null || path.isEmpty()) {
      return;
    }
    List<Path> reads = new ArrayList<>();
    for (Path root : roots) {
      resolve(root, path.startsWith("/") ? path.substring(1) : path, reads);
    }
    for (Path read : List.copyOf(reads)) {
      components(source).forEach(component -> read(read, component, reads));
    }
    builds.add(
        new KustomizeBuild(
            file, List.copyOf(reads), replaced(images), recursive, /* component= */ false));
  }

  /** Components that Flux or Argo CD lay over a path, as seen from there. */
  private static List<SourceNode> components(SourceNode source) {
    List<SourceNode> own = Nodes.items(source, "components");
    return own.isEmpty() ? Nodes.items(source, "kustomize", "components") : own;
  }

  /** The names that entries of {@code images} replace by another name, tag or digest. */
  static Set<String> replaced(@Nullable SourceNode images) {
    Set<String> names = new HashSet<>();
    if (images instanceof SourceSequence list) {
      for (SourceNode item : list.items()) {
        switch (SourceMapping.resolved(item)) {
          case SourceMapping entry -> {
            String name = text(entry, "name");
            boolean changes =
                entry.entry("newName") != null
                    || entry.entry("newTag") != null
                    || entry.entry("digest") != null;
            if (changes && !name.isEmpty()) {
              names.add(name);
            }
          }
          case ScalarSite text -> {
            String value = text.value().strip();
            int equals = value.indexOf('=');
            names.add(equals >= 0 ? value.substring(0, equals) : SiteWriter.nameOf(value));
          }
          default -> {}
        }
      }
    }
    return Set.copyOf(names);
  }

  private static void read(Path directory, @Nullable SourceNode reference, List<Path> reads) {
    if (reference != null
        && SourceMapping.resolved(reference) instanceof ScalarSite text
        && text.value().indexOf('\n') < 0) {
      resolve(directory, text.value(), reads);
    }
  }

  private static void resolve(Path directory, String path, List<Path> reads) {
    try {
      reads.add(directory.resolve(path).toAbsolutePath().normalize());
    } catch (InvalidPathException e) {
      // An address or a template: nothing of this tree.
    }
  }

  private static String text(SourceNode node, String key) {
    String text = Nodes.text(node, key);
    return text == null ? "" : text;
  }
}
