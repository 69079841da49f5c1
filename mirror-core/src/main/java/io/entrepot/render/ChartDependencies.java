package io.entrepot.render;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a chart needs in its {@code charts/} and does not have. Argo CD and Flux build dependencies
 * before they render; here that happens in a copy, so that the tree stays as it is.
 */
final class ChartDependencies {

  /**
   * A chart that another one needs.
   *
   * @param repository an address, {@code file://} for a directory beside the chart; null where none
   *     is given
   * @param version possibly a range; null where none is given
   */
  record Dependency(String name, @Nullable String repository, @Nullable String version) {

    /** Whether it has to be fetched. */
    boolean isRemote() {
      return repository != null && !repository.startsWith("file://");
    }

    @Override
    public String toString() {
      return "the chart %s of %s".formatted(name, repository);
    }
  }

  /**
   * A copy of a chart with those dependencies that lie in the tree.
   *
   * @param chart the copy
   * @param origins which directory of the tree each directory below the copy comes from
   */
  record Copy(Path chart, Map<String, String> origins) {}

  private final Sources sources;

  ChartDependencies(Sources sources) {
    this.sources = sources;
  }

  /** What a chart of the tree declares and has not in its {@code charts/}. */
  List<Dependency> missing(String chart) {
    List<Dependency> missing = new ArrayList<>();
    for (String name : List.of("Chart.yaml", "requirements.yaml")) {
      String file = chart + "/" + name;
      List<SourceNode> documents =
          sources.isFile(file) ? sources.file(file).documents() : List.of();
      for (SourceNode document : documents) {
        for (SourceMapping each : Nodes.mappings(document, "dependencies")) {
          String dependency = Nodes.text(each, "name");
          if (dependency != null && !isVendored(chart, dependency)) {
            missing.add(
                new Dependency(
                    dependency,
                    Nodes.text(each, "repository"),
                    locked(chart, dependency, Nodes.text(each, "version"))));
          }
        }
      }
    }
    return missing;
  }

  private boolean isVendored(String chart, String dependency) {
    Path charts = sources.resolve(chart + "/charts");
    if (!Files.isDirectory(charts)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(charts)) {
      return entries.anyMatch(
          entry -> {
            String name = String.valueOf(entry.getFileName());
            boolean packed =
                name.endsWith(".tgz") && name.matches("\\Q" + dependency + "\\E-v?[0-9].*");
            return packed || dependency.equals(nameOf(sources.shown(entry)));
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable String nameOf(String chart) {
    String file = chart + "/Chart.yaml";
    List<SourceNode> documents = sources.isFile(file) ? sources.file(file).documents() : List.of();
    return documents.isEmpty() ? null : Nodes.text(documents.getFirst(), "name");
  }

  /** The version that Chart.lock has for a dependency, else the one asked for. */
  private @Nullable String locked(String chart, String dependency, @Nullable String version) {
    for (String name : List.of("Chart.lock", "requirements.lock")) {
      String file = chart + "/" + name;
      List<SourceNode> documents =
          sources.isFile(file) ? sources.file(file).documents() : List.of();
      for (SourceNode document : documents) {
        for (SourceMapping each : Nodes.mappings(document, "dependencies")) {
          if (dependency.equals(Nodes.text(each, "name"))) {
            return Nodes.text(each, "version");
          }
        }
      }
    }
    return version;
  }

  /**
   * The directory of the tree that a dependency by {@code file://} names, or null where there is no
   * chart.
   */
  private @Nullable String directory(String chart, Dependency dependency) {
    if (dependency.repository() == null || dependency.isRemote()) {
      return null;
    }
    Path path =
        sources.resolve(chart).resolve(dependency.repository().substring("file://".length()));
    String directory = sources.shown(path);
    return sources.isFile(directory + "/Chart.yaml") ? directory : null;
  }

  /** Copies a chart, and into its {@code charts/} what lies elsewhere in the tree. */
  Copy copy(String chart, List<Dependency> missing, Path scratch) throws IOException {
    Path copy = scratch.resolve("chart");
    copy(sources.resolve(chart), copy);
    Files.createDirectories(copy.resolve("charts"));
    Map<String, String> origins = new LinkedHashMap<>();
    for (Dependency dependency : missing) {
      String directory = directory(chart, dependency);
      if (directory != null) {
        copy(sources.resolve(directory), copy.resolve("charts").resolve(dependency.name()));
        origins.put("/charts/" + dependency.name(), directory);
      }
    }
    return new Copy(copy, origins);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (String.valueOf(directory.getFileName()).equals(".git")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path real = attributes.isSymbolicLink() ? file.toRealPath() : file;
            if (Files.isRegularFile(real)) {
              Files.copy(real, to.resolve(from.relativize(file).toString()));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
