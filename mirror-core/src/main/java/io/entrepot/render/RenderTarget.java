package io.entrepot.render;

import java.util.List;

/**
 * A target and what is rendered for it.
 *
 * @param cluster its cluster, for entries that do not name one themselves
 */
public record RenderTarget(String name, String cluster, List<RenderEntry> entries) {

  /** Copies. */
  public RenderTarget {
    entries = List.copyOf(entries);
  }
}
