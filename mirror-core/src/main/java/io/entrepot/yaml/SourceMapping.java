package io.entrepot.yaml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mapping.
 *
 * @param entries as written, doubled keys included
 * @param flow whether it is written in braces
 */
public record SourceMapping(
    SourceText source, int start, @Nullable String anchor, List<Entry> entries, boolean flow)
    implements SourceNode {

  /** A key and its value. */
  public record Entry(SourceNode key, SourceNode value) {

    /** The key's text, or an empty string where it is no scalar. */
    public String name() {
      return key instanceof ScalarSite scalar ? scalar.value() : "";
    }
  }

  /** The value of a key, aliases followed; null where there is none. */
  public @Nullable SourceNode get(String key) {
    Entry entry = entry(key);
    return entry == null ? null : resolved(entry.value());
  }

  /** The entry of a key, the last where it is doubled; null where there is none. */
  public @Nullable Entry entry(String key) {
    Entry found = null;
    for (Entry entry : entries) {
      if (entry.key() instanceof ScalarSite scalar && scalar.value().equals(key)) {
        found = entry;
      }
    }
    return found;
  }

  /** The scalar text of a key's value, or null where it has none. */
  public @Nullable String text(String key) {
    return get(key) instanceof ScalarSite scalar ? scalar.value() : null;
  }

  /** The node itself, or what an alias stands for; an alias of nothing stays an alias. */
  public static SourceNode resolved(SourceNode node) {
    return node instanceof SourceAlias alias && alias.target() != null ? alias.target() : node;
  }

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
    return "mapping at line " + line();
  }
}
