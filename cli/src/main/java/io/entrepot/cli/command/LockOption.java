package io.entrepot.cli.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which lock file counts, for commands whose configuration may name one. */
final class LockOption {

  @Option(
      names = "--lock",
      paramLabel = "FILE",
      description = "The lock file (default: what the configuration names, or images.lock.yaml).")
  private @Nullable Path file;

  /** As given; null where the configuration decides. */
  @Nullable Path given() {
    return file;
  }
}
