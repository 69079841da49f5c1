package io.entrepot.registry.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/** Files that hold a secret: whether the system lets everybody read them. */
public final class SecretFile {

  private SecretFile() {}

  /**
   * Says that a file with a secret in it is open to every user of this machine. Its group is
   * trusted; so is a file system without owners and permissions, where nothing can be said.
   *
   * @param holds what is in the file, for the sentence
   * @return a warning and what to do, or nothing
   */
  public static Optional<String> warning(Path file, String holds) {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    try {
      if (view == null
          || !view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
        return Optional.empty();
      }
    } catch (IOException unreadable) {
      // Who opens the file reports that.
      return Optional.empty();
    }
    return Optional.of(
        "%s holds %s, and every user of this machine may read it; chmod o-r %s"
            .formatted(file, holds, file));
  }
}
