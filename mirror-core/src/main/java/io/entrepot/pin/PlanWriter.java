package io.entrepot.pin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes a plan's files: all of them, or none. */
public final class PlanWriter {

  private record Staged(FilePlan plan, Path temporary) {}

  private PlanWriter() {}

  /**
   * Writes each changed file beside itself, then renames all of them. The mode is kept.
   *
   * @throws IOException if a file cannot be written or was changed by somebody else since it was
   *     read; then every file is as it was
   */
  public static void write(PinPlan plan) throws IOException {
    List<Staged> staged = new ArrayList<>();
    try {
      for (FilePlan file : plan.files()) {
        if (file.changes()) {
          staged.add(stage(file));
        }
      }
    } catch (IOException e) {
      discard(staged, e);
      throw e;
    }
    int renamed = 0;
    try {
      for (Staged file : staged) {
        if (!Arrays.equals(
            Files.readAllBytes(file.plan.path()),
            file.plan.before().getBytes(StandardCharsets.UTF_8))) {
          throw new IOException(
              "%s was changed by somebody else meanwhile; nothing was written"
                  .formatted(file.plan.shown()));
        }
      }
      for (Staged file : staged) {
        move(file.temporary, file.plan.path());
        renamed++;
      }
    } catch (IOException e) {
      for (Staged file : staged.subList(0, renamed)) {
        restore(file.plan, e);
      }
      discard(staged.subList(renamed, staged.size()), e);
      throw e;
    }
  }

  private static Staged stage(FilePlan file) throws IOException {
    Path path = file.path();
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no directory to write into: " + path);
    }
    Path temporary = Files.createTempFile(directory, ".entrepot-", ".tmp");
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(file.after());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view != null) {
      Files.setPosixFilePermissions(temporary, view.readAttributes().permissions());
    }
    return new Staged(file, temporary);
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void restore(FilePlan file, IOException cause) {
    FilePlan back =
        new FilePlan(
            file.path(),
            file.shown(),
            /* before= */ file.after(),
            /* after= */ file.before(),
            List.of(),
            List.of());
    try {
      move(stage(back).temporary, file.path());
    } catch (IOException e) {
      cause.addSuppressed(new IOException("could not restore " + file.shown(), e));
    }
  }

  private static void discard(List<Staged> staged, IOException cause) {
    for (Staged file : staged) {
      try {
        Files.deleteIfExists(file.temporary);
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
