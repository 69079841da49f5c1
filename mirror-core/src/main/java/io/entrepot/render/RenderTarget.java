package io.entrepot.render;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target and what is rendered for it.
 *
 * @param cluster its cluster, for entries that do not name one themselves
 * @param kubernetes the version that charts are told of it, or null for what helm was built with
 */
public record RenderTarget(
    String name, String cluster, @Nullable String kubernetes, List<Entry> entries) {

  /**
   * What is rendered.
   *
   * @param cluster where it goes, or null for the target's own
   */
  public record Entry(RenderEntry entry, @Nullable String cluster) {}

  /** Copies. */
  public RenderTarget {
    entries = List.copyOf(entries);
  }
}
