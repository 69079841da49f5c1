package io.entrepot.cli.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which lock file counts, for commands whose configuration may name one. */
final class LockOption {

  private final Option<Path> file;

  LockOption(Arguments arguments) {
    file =
        arguments.file(
            "--lock",
            "The lock file (default: what the configuration names, or images.lock.yaml).");
  }

  /** As given; null where the configuration decides. */
  @Nullable Path given() {
    return file.orNull();
  }
}
