package io.entrepot.pin;

import java.nio.file.Path;
import java.util.List;

/**
 * What happens to one file.
 *
 * @param before its text when it was read, every character of it; empty where nothing changes
 * @param after its text to be; empty where nothing changes
 */
public record FilePlan(
    Path path, String shown, String before, String after, List<SiteEdit> edits, List<Left> left) {

  /** Copies the lists. */
  public FilePlan {
    edits = List.copyOf(edits);
    left = List.copyOf(left);
  }

  /** Whether the file is to be written. */
  public boolean changes() {
    return !edits.isEmpty();
  }
}
