package io.entrepot.proxy.schedule;

import java.nio.file.Path;
import java.util.List;

/**
 * A mirror that runs by itself.
 *
 * @param name under which its runs are kept
 * @param file the {@code mirror.yaml}
 * @param lock the lock file that is written
 * @param onLock program and arguments that get the lock's path after a run that changed it; empty
 *     for none
 */
public record MirrorJob(String name, Path file, Path lock, Timing timing, List<String> onLock) {

  /** What a name may be: a folder's name, and a part of an address. */
  public static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

  /** Checks the name. */
  public MirrorJob {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "not a name of a mirror: '%s' (expected letters, digits, '.', '_' and '-')"
              .formatted(name));
    }
    onLock = List.copyOf(onLock);
  }

  /** The usual name: the file's without its ending. */
  public static String nameOf(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
