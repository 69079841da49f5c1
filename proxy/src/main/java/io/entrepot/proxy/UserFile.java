package io.entrepot.proxy;

import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.login.Tokens;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The users' htpasswd file and the rules that name them, read again when the file changes. */
final class UserFile {

  private static final String NAME = "the users";

  private final WatchedFiles files;
  private final @Nullable Path file;
  private final Access access;

  private UserFile(Vertx vertx, ProxySettings.Guard guard) {
    this.file = guard.users();
    this.files = new WatchedFiles("the list of users", Stream.ofNullable(file).toList());
    this.access = access(vertx, guard).with(guard.anonymous());
  }

  private static Access access(Vertx vertx, ProxySettings.Guard guard) {
    Path file = guard.users();
    String users = file == null ? null : WatchedFiles.read(file, NAME).toString();
    if (guard.issuers().isEmpty()) {
      return users == null ? Access.open() : Access.of(users, guard.rules());
    }
    Tokens tokens = new Tokens(vertx, guard.issuers(), guard.trust(), Clock.systemUTC());
    return users == null
        ? Access.of(tokens, guard.rules())
        : Access.of(users, tokens, guard.rules());
  }

  /**
   * Reads the file that the settings name; without users and issuers of tokens everybody may do
   * everything.
   *
   * @throws IllegalArgumentException where it is missing or cannot be used, naming it
   */
  static UserFile read(Vertx vertx, ProxySettings.Guard guard) {
    return new UserFile(vertx, guard);
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
