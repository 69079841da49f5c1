package io.entrepot.pin;

import io.entrepot.render.OwnFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The YAML files of a tree. Symbolic links inside it are not followed. */
final class GitOpsTree {

  /**
   * A file.
   *
   * @param shown its name in reports
   * @param relative its path below the directory given
   */
  record Entry(Path path, String shown, String relative) {}

  private GitOpsTree() {}

  static List<Entry> files(List<Path> roots, List<Path> untouched, PinRules rules)
      throws IOException {
    Set<Path> skipped = new HashSet<>();
    for (Path path : untouched) {
      skipped.add(path.toAbsolutePath().normalize());
    }
    Set<Path> seen = new HashSet<>();
    List<Entry> entries = new ArrayList<>();
    for (Path root : roots) {
      if (!Files.exists(root)) {
        throw new NoSuchFileException(root.toString());
      }
      if (!Files.isDirectory(root)) {
        // Named by hand: the file behind a link is what is written, whatever its name ends in.
        add(entries, seen, root.toRealPath(), root.toString(), String.valueOf(root.getFileName()));
        continue;
      }
      List<Path> found = new ArrayList<>();
      // The same for a directory: only links inside of it are not followed.
      Path start = Files.isSymbolicLink(root) ? root.toRealPath() : root;
      Files.walkFileTree(
          start,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
              boolean git = String.valueOf(directory.getFileName()).equals(".git");
              return git ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
      found.sort(Comparator.naturalOrder());
      for (Path file : found) {
        String relative = start.relativize(file).toString().replace('\\', '/');
        boolean own = String.valueOf(file.getFileName()).equals(OwnFile.LOCK);
        if (yaml(file)
            && !own
            && !skipped.contains(file.toAbsolutePath().normalize())
            && chosen(relative, rules)) {
          add(entries, seen, file, root.resolve(relative).toString(), relative);
        }
      }
    }
    return entries;
  }

  private static void add(
      List<Entry> entries, Set<Path> seen, Path file, String shown, String relative) {
    if (seen.add(file.toAbsolutePath().normalize())) {
      entries.add(new Entry(file, shown, relative));
    }
  }

  private static boolean yaml(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.equals("kustomization");
  }

  private static boolean chosen(String relative, PinRules rules) {
    boolean included =
        rules.include().isEmpty()
            || rules.include().stream().anyMatch(glob -> glob.matches(relative));
    return included && rules.exclude().stream().noneMatch(glob -> glob.matches(relative));
  }
}
