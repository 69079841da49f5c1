package io.entrepot.cli.command;

import io.entrepot.mirror.ListMemory;
import java.io.IOException;
import java.nio.file.Path;

/** What runs on this machine have read of lists, kept in the user's cache directory. */
final class KnownLists {

  private final Invocation context;
  private final Path file;
  private final ListMemory memory;

  KnownLists(Invocation context) {
    this.context = context;
    this.file = context.caches().resolve("entrepot-mirror").resolve("lists.json");
    this.memory = ListMemory.of(file);
  }

  ListMemory memory() {
    return memory;
  }

  /** Keeps what was learned; a run is as good without. */
  void keep() {
    try {
      memory.write(file);
    } catch (IOException e) {
      context
          .console()
          .warn(
              "%s: cannot be written, so the next run reads lists again that it need not: %s"
                  .formatted(file, e.getMessage()));
    }
  }
}
