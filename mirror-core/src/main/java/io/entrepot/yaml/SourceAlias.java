package io.entrepot.yaml;

import org.jspecify.annotations.Nullable;

/**
 * {@code *name}.
 *
 * @param target the node that carries the anchor; null inside the anchored node itself
 */
public record SourceAlias(SourceText source, int start, String name, @Nullable SourceNode target)
    implements SourceNode {

  @Override
  public String toString() {
    return "*" + name;
  }
}
