package io.entrepot.render;

import io.entrepot.text.Glob;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of one tree, each read and parsed once. Safe for many threads. */
public final class Sources {

  /**
   * A file.
   *
   * @param source null where it could not be read
   * @param documents its YAML documents; empty where there is a problem
   * @param problem why it is no YAML, or null
   * @param line of the problem, or 0
   */
  public record SourceFile(
      String path,
      @Nullable SourceText source,
      List<SourceNode> documents,
      @Nullable String problem,
      int line) {

    /** Whether it could not be read because it is a template. */
    boolean isTemplate() {
      return problem != null && source != null && ChartTemplates.isTemplate(source.text());
    }

    /** The text; empty where it could not be read. */
    String text() {
      return source == null ? "" : source.text();
    }

    /** The first line with a word in it, from 1; 0 where there is none. */
    int lineOf(String word) {
      int at = source == null ? -1 : source.text().indexOf(word);
      return source == null || at < 0 ? 0 : source.fileLine(at);
    }

    /** The first line with a key of that name, from 1; 0 where there is none. */
    int lineOfKey(String key) {
      if (source == null) {
        return 0;
      }
      Matcher matcher =
          Pattern.compile("(?m)^[\\s-]*[\"']?" + Pattern.quote(key) + "[\"']?\\s*:")
              .matcher(source.text());
      return matcher.find() ? source.fileLine(source.text().indexOf(key, matcher.start())) : 0;
    }
  }

  private static final List<String> KUSTOMIZATIONS =
      List.of("kustomization.yaml", "kustomization.yml", "Kustomization");

  private final Path root;
  private final List<Path> checkouts;
  private final Map<String, SourceFile> files = new ConcurrentHashMap<>();

  /** The tree below {@code root}. */
  public Sources(Path root) {
    this(root, List.of());
  }

  /**
   * @param checkouts directories elsewhere that may be read too, by their absolute paths
   */
  public Sources(Path root, Collection<Path> checkouts) {
    this.root = root.toAbsolutePath().normalize();
    this.checkouts =
        checkouts.stream().map(checkout -> checkout.toAbsolutePath().normalize()).toList();
  }

  /** The tree's root, absolute. */
  public Path root() {
    return root;
  }

  /** A file by its path below the root. */
  public SourceFile file(String path) {
    return files.computeIfAbsent(path, this::read);
  }

  /** Where a path of the tree lies; what leads out of the tree does not exist in it. */
  Path resolve(String path) {
    return root.resolve(path).normalize();
  }

  /** Whether a path is a file inside the tree. */
  boolean isFile(String path) {
    Path file = resolve(path);
    return isInside(file) && Files.isRegularFile(file);
  }

  /** Whether a path is a directory inside the tree. */
  boolean isDirectory(String path) {
    Path directory = resolve(path);
    return isInside(directory) && Files.isDirectory(directory);
  }

  private boolean isInside(Path path) {
    return path.startsWith(root) || checkouts.stream().anyMatch(path::startsWith);
  }

  /** A path below the root as it is written in reports; others stay as they are. */
  String shown(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    return absolute.startsWith(root)
        ? root.relativize(absolute).toString().replace('\\', '/')
        : absolute.toString();
  }

  /** Whether a path is called as kustomizations are. */
  static boolean isKustomization(String path) {
    return KUSTOMIZATIONS.contains(TreePath.name(path));
  }

  /** The file of a directory's kustomization, or null. */
  @Nullable String kustomization(String directory) {
    for (String name : KUSTOMIZATIONS) {
      String file = directory.isEmpty() || directory.equals(".") ? name : directory + "/" + name;
      if (isFile(file)) {
        return file;
      }
    }
    return null;
  }

  /** The YAML files of the directory that a file lies in, sorted. */
  List<String> beside(String file) {
    Path directory = resolve(file).getParent();
    if (directory == null || !isInside(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(Files::isRegularFile)
          .map(this::shown)
          .filter(Sources::isYaml)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that fit a pattern, sorted. A directory stands for the YAML files below it. */
  public List<String> matching(String glob) throws IOException {
    if (isFile(glob)) {
      return List.of(shown(resolve(glob)));
    }
    boolean directory = isDirectory(glob);
    String tidy = glob.equals(".") ? "" : shown(resolve(glob));
    Glob pattern =
        Glob.of(directory ? (tidy.isEmpty() ? "" : tidy + "/") + "**/*.{yaml,yml}" : tidy);
    Path start = resolve(directory ? tidy : pattern.fixed());
    List<String> found = new ArrayList<>();
    if (!isInside(start) || !Files.isDirectory(start)) {
      return found;
    }
    Files.walkFileTree(
        start,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            boolean hidden = String.valueOf(path.getFileName()).startsWith(".");
            return hidden && !path.equals(start)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String relative = shown(path);
            if (!attributes.isDirectory() && pattern.matches(relative)) {
              found.add(relative);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }

  /** The names of a directory's own files, sorted; none where it is not a directory of the tree. */
  public List<String> files(String directory) {
    if (!isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(resolve(directory))) {
      return entries
          .filter(Files::isRegularFile)
          .map(file -> String.valueOf(file.getFileName()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directories that fit a pattern, sorted. */
  List<String> directories(String glob) throws IOException {
    Glob pattern = Glob.of(glob);
    Path start = resolve(pattern.fixed());
    TreeSet<String> found = new TreeSet<>();
    if (!isInside(start) || !Files.isDirectory(start)) {
      return List.of();
    }
    Files.walkFileTree(
        start,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            String relative = shown(path);
            String name = String.valueOf(path.getFileName());
            if (name.startsWith(".") && !path.equals(start)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            if (!relative.isEmpty() && pattern.matches(relative)) {
              found.add(relative);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return List.copyOf(found);
  }

  static boolean isYaml(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    return lower.endsWith(".yaml") || lower.endsWith(".yml") || lower.endsWith(".json");
  }

  private SourceFile read(String path) {
    SourceText text = null;
    try {
      Path file = resolve(path);
      if (Files.size(file) > YamlScanner.MAX_LENGTH) {
        return new SourceFile(path, null, List.of(), "larger than 16 MiB", 0);
      }
      text = SourceText.decode(Files.readAllBytes(file));
      return new SourceFile(path, text, YamlScanner.scan(text), null, 0);
    } catch (UnreadableYamlException e) {
      return new SourceFile(path, text, List.of(), String.valueOf(e.getMessage()), e.line());
    } catch (IOException e) {
      return new SourceFile(path, null, List.of(), "cannot be read: " + e.getMessage(), 0);
    }
  }
}
