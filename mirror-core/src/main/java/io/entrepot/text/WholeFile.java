package io.entrepot.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that others never see half: written beside their place and renamed. They are not synced: a
 * power failure may take the new content, never a part of it.
 */
public final class WholeFile {

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  private WholeFile() {}

  /** Writes a file that only its owner may read; missing directories are made. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, content, OWNER);
  }

  /**
   * Writes a file; missing directories are made.
   *
   * @param mode whatever the mask of the process takes away
   */
  public static void write(Path file, byte[] content, Set<PosixFilePermission> mode)
      throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " is no place for a file");
    }
    Files.createDirectories(directory);
    Path fresh = Files.createTempFile(directory, ".", ".tmp");
    try {
      Files.write(fresh, content);
      if (!mode.equals(OWNER)) {
        Files.setPosixFilePermissions(fresh, mode);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
