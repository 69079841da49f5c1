package io.entrepot.proxy;

import io.entrepot.proxy.handler.Access;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The users' htpasswd file and the rules that name them, read again when the file changes. */
final class UserFile {

  private static final String NAME = "the users";

  private final WatchedFiles files;
  private final @Nullable Path file;
  private final Access access;

  private UserFile(ProxySettings.Guard guard) {
    this.file = guard.users();
    this.files = new WatchedFiles("the list of users", Stream.ofNullable(file).toList());
    this.access =
        file == null
            ? Access.open()
            : Access.of(WatchedFiles.read(file, NAME).toString(), guard.rules());
  }

  /**
   * Reads the file that the settings name; without one everybody may do everything.
   *
   * @throws IllegalArgumentException where it is missing or cannot be used, naming it
   */
  static UserFile read(ProxySettings.Guard guard) {
    return new UserFile(guard);
  }

  /** Who may do what; it stays the same object. */
  Access access() {
    return access;
  }

  /** Reads the file if it changed; blocks. */
  void refresh() {
    Path users = file;
    if (users != null) {
      files.refresh(() -> access.replace(WatchedFiles.read(users, NAME).toString()));
    }
  }
}
