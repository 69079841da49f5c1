package io.entrepot.pin;

import io.entrepot.oci.Repository;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Images of manifests that an {@code images:} entry further up replaces by their name. What runs is
 * the entry's image: a manifest that was given another name would escape the entry, and the version
 * that the entry chose would be lost.
 */
final class ReplacedImages {

  private static final int MAX_DEPTH = 64;

  /**
   * Overlays upon overlays may be read in more ways than anybody can count; beyond this many a name
   * that any entry replaces is left.
   */
  private static final int MOST_VISITS = 20_000;

  /** A build with the names that are replaced above it. */
  private record Visit(Path file, Set<String> names) {}

  private static final List<String> RELEASE_VALUES = List.of("spec", "values");

  /** The names that one build replaces in a file, and the file of the entry that does. */
  private record Reader(Map<String, Path> images) {}

  /** What becomes of a site. */
  enum Fate {
    /** No entry names it. */
    FREE,
    /** Every build that reads it replaces it. */
    REPLACED,
    /** Some builds replace it, others take it as it stands. */
    DIVIDED
  }

  private final Map<Path, KustomizeBuild> kustomizations = new HashMap<>();
  private final TreeMap<Path, Boolean> files = new TreeMap<>();
  private final Map<Path, List<Reader>> readers = new HashMap<>();

  private final Map<Path, Set<Repository>> releases = new HashMap<>();
  private final Set<Visit> seen = new HashSet<>();
  private final Map<String, Path> all = new HashMap<>();

  private ReplacedImages() {}

  /**
   * Looks through a tree.
   *
   * @throws IOException if a file cannot be read
   */
  static ReplacedImages of(WholeTree tree) throws IOException {
    ReplacedImages replaced = new ReplacedImages();
    List<KustomizeBuild> roots = new ArrayList<>();
    tree.yaml().forEach(file -> replaced.files.put(file, true));
    for (Path file : tree.kustomizations()) {
      replaced.kustomizations.put(
          file.resolveSibling(""), KustomizeBuild.ofFile(file, documents(file)));
    }
    Map<Path, List<SourceNode>> objects = new HashMap<>();
    for (Path file : tree.objects()) {
      if (!WholeTree.isKustomization(file)) {
        List<SourceNode> documents = documents(file);
        objects.put(file, documents);
        roots.addAll(KustomizeBuild.ofObjects(file, documents, above(file, tree.root())));
      }
    }
    replaced.noteReleases(objects);
    boolean none =
        roots.stream().allMatch(build -> build.images().isEmpty())
            && replaced.kustomizations.values().stream()
                .allMatch(build -> build.images().isEmpty());
    if (!none) {
      replaced.walk(roots);
    }
    return replaced;
  }

  private void walk(List<KustomizeBuild> builds) {
    Stream.concat(kustomizations.values().stream(), builds.stream())
        .forEach(build -> build.images().forEach(name -> all.putIfAbsent(name, build.file())));
    Set<Path> referenced = new HashSet<>();
    kustomizations.values().forEach(build -> referenced.addAll(build.reads()));
    builds.forEach(build -> referenced.addAll(build.reads()));
    for (KustomizeBuild build : builds) {
      descend(build, Map.of(), new LinkedHashSet<>());
    }
    kustomizations.forEach(
        (directory, build) -> {
          if (!referenced.contains(directory)) {
            descend(build, Map.of(), new LinkedHashSet<>());
          }
        });
  }

  private void descend(KustomizeBuild build, Map<String, Path> above, Set<Path> way) {
    if (!seen.add(new Visit(build.file(), Set.copyOf(above.keySet())))
        || seen.size() > MOST_VISITS
        || way.size() > MAX_DEPTH
        || !way.add(build.file())) {
      return;
    }
    // A component's own entries stand above what its user reads, and not above themselves.
    Map<String, Path> others = new HashMap<>(above);
    others.values().removeIf(build.file()::equals);
    note(build.file(), others);
    Map<String, Path> images = new HashMap<>(above);
    build.images().forEach(name -> images.putIfAbsent(name, build.file()));
    components(build, images, new HashSet<>());
    for (Path read : build.reads()) {
      KustomizeBuild below = kustomizations.get(read);
      if (below != null) {
        descend(below, images, way);
      } else if (files.containsKey(read)) {
        note(read, images);
      } else {
        directory(build, read, images, way);
      }
    }
    way.remove(build.file());
  }

  /** Adds what the components of a build replace in all that it reads. */
  private void components(KustomizeBuild build, Map<String, Path> images, Set<Path> seen) {
    for (Path read : build.reads()) {
      KustomizeBuild below = kustomizations.get(read);
      if (below != null && below.component() && seen.add(read)) {
        below.images().forEach(name -> images.putIfAbsent(name, below.file()));
        components(below, images, seen);
      }
    }
  }

  /**
   * A directory without a kustomization: its files as they stand, and the kustomizations below it
   * for Flux, which builds upon those.
   */
  private void directory(
      KustomizeBuild build, Path directory, Map<String, Path> images, Set<Path> way) {
    Set<Path> nested = new LinkedHashSet<>();
    for (Path file : files.tailMap(directory, false).keySet()) {
      if (!file.startsWith(directory)) {
        break;
      }
      Path own = kustomizationAround(file, directory);
      if (own != null) {
        nested.add(own);
      } else if (build.recursive() || directory.equals(file.getParent())) {
        note(file, images);
      }
    }
    if (build.recursive()) {
      for (Path each : nested) {
        descend(Objects.requireNonNull(kustomizations.get(each)), images, way);
      }
    }
  }

  /** The outermost directory with a kustomization between a file and a directory above it. */
  private @Nullable Path kustomizationAround(Path file, Path directory) {
    Path found = null;
    for (Path each = file.getParent();
        each != null && !each.equals(directory);
        each = each.getParent()) {
      found = kustomizations.containsKey(each) ? each : found;
    }
    return found;
  }

  private void note(Path file, Map<String, Path> images) {
    readers.computeIfAbsent(file, _ -> new ArrayList<>()).add(new Reader(Map.copyOf(images)));
  }

  /** What becomes of a site of a file. */
  Fate of(Path file, ImageSite site) {
    if (isPostRendered(file, site)) {
      return Fate.REPLACED;
    }
    if (seen.size() > MOST_VISITS) {
      return all.containsKey(replaceable(site)) ? Fate.DIVIDED : Fate.FREE;
    }
    List<Reader> known = readers.get(file.toAbsolutePath().normalize());
    String name = known == null ? null : replaceable(site);
    if (known == null || name == null) {
      return Fate.FREE;
    }
    long replacing = known.stream().filter(reader -> reader.images().containsKey(name)).count();
    if (replacing == 0) {
      return Fate.FREE;
    }
    return replacing == known.size() ? Fate.REPLACED : Fate.DIVIDED;
  }

  /** Whether the values of a release name an image that its own postRenderers replace. */
  private boolean isPostRendered(Path file, ImageSite site) {
    Set<Repository> names =
        releases.isEmpty()
            ? Set.of()
            : releases.getOrDefault(file.toAbsolutePath().normalize(), Set.of());
    return !names.isEmpty()
        && site.reading() instanceof Reading.Image image
        && site.where().parts().size() > 2
        && site.where().parts().subList(0, 2).equals(RELEASE_VALUES)
        && names.contains(image.reference().repository());
  }

  /** Notes which images the postRenderers of releases replace, for all files of each release. */
  private void noteReleases(Map<Path, List<SourceNode>> objects) {
    Map<String, Set<Repository>> byName = new HashMap<>();
    objects.forEach(
        (_, documents) -> {
          for (SourceNode document : documents) {
            for (SourceMapping each : Nodes.mappings(document, "spec", "postRenderers")) {
              for (String name : KustomizeBuild.replaced(Nodes.at(each, "kustomize", "images"))) {
                ImageWords.reference(name)
                    .ifPresent(
                        image ->
                            byName
                                .computeIfAbsent(release(document), _ -> new HashSet<>())
                                .add(image.repository()));
              }
            }
          }
        });
    objects.forEach(
        (file, documents) -> {
          for (SourceNode document : documents) {
            Set<Repository> names = byName.get(release(document));
            if (names != null) {
              releases.computeIfAbsent(file, _ -> new HashSet<>()).addAll(names);
            }
          }
        });
  }

  private static String release(SourceNode document) {
    return Nodes.text(document, "kind") + " " + Nodes.text(document, "metadata", "name");
  }

  /** Why a site stays that some builds replace and others do not. */
  Resolution.Missing divided(Path file, ImageSite site) {
    String name = String.valueOf(replaceable(site));
    Path by =
        readers.getOrDefault(file.toAbsolutePath().normalize(), List.of()).stream()
            .flatMap(reader -> Stream.ofNullable(reader.images().get(name)))
            .findFirst()
            .orElse(all.getOrDefault(name, file));
    return new Resolution.Missing(
        LeftReason.NOT_WRITABLE,
        "images: of %s/%s replaces it by this name, and another build takes it as it stands: give that one an entry too"
            .formatted(nameOf(by.resolveSibling("")), nameOf(by)));
  }

  /** The name by which kustomize would know the site's image, or null where it does not look. */
  private static @Nullable String replaceable(ImageSite site) {
    boolean entry = site.layout() == Layout.KUSTOMIZE;
    boolean manifest = site.layout() == Layout.STRING && site.where().endsWith("image");
    return entry || manifest ? SiteWriter.nameOf(site.name().text()) : null;
  }

  private static List<SourceNode> documents(Path file) throws IOException {
    if (Files.size(file) > YamlScanner.MAX_LENGTH) {
      return List.of();
    }
    try {
      return YamlScanner.scan(SourceText.decode(Files.readAllBytes(file)));
    } catch (UnreadableYamlException e) {
      // Such a file is named with its reason when its own sites are read.
      return List.of();
    }
  }

  /** The directories above a file, up to the tree's. */
  private static List<Path> above(Path file, Path root) {
    List<Path> above = new ArrayList<>();
    for (Path each = file.getParent();
        each != null && each.startsWith(root);
        each = each.getParent()) {
      above.add(each);
    }
    return above;
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }
}
