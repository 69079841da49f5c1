package io.entrepot.yaml;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mapping. */
public final class SourceMapping implements SourceNode {

  /** Up to here looking through the entries is quicker than an index. */
  private static final int FEW = 12;

  private final SourceText source;
  private final int start;
  private final @Nullable String anchor;
  private final List<Entry> entries;
  private final boolean flow;
  private @Nullable Map<String, Entry> index;

  SourceMapping(
      SourceText source, int start, @Nullable String anchor, List<Entry> entries, boolean flow) {
    this.source = source;
    this.start = start;
    this.anchor = anchor;
    this.entries = entries;
    this.flow = flow;
  }

  @Override
  public SourceText source() {
    return source;
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public @Nullable String anchor() {
    return anchor;
  }

  /** Keys and values as written, doubled keys included. */
  public List<Entry> entries() {
    return entries;
  }

  /** Whether it is written in braces. */
  public boolean flow() {
    return flow;
  }

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
    if (entries.size() > FEW) {
      return indexed().get(key);
    }
    Entry found = null;
    for (Entry entry : entries) {
      if (entry.key() instanceof ScalarSite scalar && scalar.value().equals(key)) {
        found = entry;
      }
    }
    return found;
  }

  private Map<String, Entry> indexed() {
    if (index == null) {
      index = new HashMap<>();
      for (Entry entry : entries) {
        if (entry.key() instanceof ScalarSite scalar) {
          index.put(scalar.value(), entry);
        }
      }
    }
    return index;
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
  public String toString() {
    return "mapping at line " + line();
  }
}
