package io.entrepot.prune;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Repository;
import io.entrepot.pods.PodList;
import io.entrepot.pods.RunningContainer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is needed: by the lock and its history, by files and by clusters. */
public final class MarkReader {

  private MarkReader() {}

  /**
   * @param lockFile where the lock lies
   * @param lock what it says
   * @param trees files and directories beside the lock's working tree
   * @param since from when on locks count that are not in force any more
   */
  public static Marks read(
      Path lockFile,
      LockFile lock,
      List<Path> trees,
      List<PodList> pods,
      Repository target,
      Instant since) {
    Marks marks = new Marks();
    for (LockedImage image : lock.images().values()) {
      marks.held(image.target().repository(), image.digestAtTarget());
      marks.mark(image.digestAtTarget(), lockFile.getFileName() + " holds it");
      marks.mark(image.digest(), lockFile.getFileName() + " holds it");
    }
    Set<Path> all = new LinkedHashSet<>();
    all.add(GitHistory.mark(lockFile, marks, target, since));
    all.addAll(trees);
    all.forEach(tree -> tree(tree, target, marks));
    for (PodList list : pods) {
      for (RunningContainer each : list.containers()) {
        String why = "%s of %s runs it".formatted(each.title(), each.cluster());
        if (each.digest() != null) {
          marks.mark(each.digest(), why);
        }
        if (each.image().digest() != null) {
          marks.mark(each.image().digest(), why);
        }
        marks.mark(RunningContainer.named(each.image()), why);
      }
      if (!list.complete()) {
        marks.unseen("the pods of " + list.cluster(), "the list has further pages");
      }
      list.warnings().forEach(warning -> marks.unseen("the pods of " + list.cluster(), warning));
    }
    return marks;
  }

  private static void tree(Path root, Repository target, Marks marks) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              boolean git = path.endsWith(".git") && !path.equals(root);
              return git ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
                throws IOException {
              if (attributes.isRegularFile()) {
                file(path, target, marks);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      marks.unseen(root.toString(), "cannot be read: " + e.getMessage());
    }
  }

  private static void file(Path path, Repository target, Marks marks) throws IOException {
    String name = String.valueOf(path.getFileName());
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(path))) {
      new DigestScan(
              target,
              digest -> marks.mark(digest, name + " pins it"),
              tag -> marks.mark(tag, name + " names it"))
          .scan(stream);
    }
  }
}
