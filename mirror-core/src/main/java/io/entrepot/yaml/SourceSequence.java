package io.entrepot.yaml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sequence.
 *
 * @param flow whether it is written in brackets
 */
public record SourceSequence(
    SourceText source, int start, @Nullable String anchor, List<SourceNode> items, boolean flow)
    implements SourceNode {

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return "sequence at line " + line();
  }
}
