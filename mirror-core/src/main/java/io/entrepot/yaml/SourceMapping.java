package io.entrepot.yaml;

import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** A mapping. */
public final class SourceMapping implements SourceNode {

  /** Up to here looking through the entries is quicker than an index. */
  private static final int FEW = 12;

  private final SourceText source;
  private final int start;
  private final @Nullable String anchor;
  private final SourceNode[] nodes;
  private final boolean flow;
  private @Nullable Map<String, Integer> index;

  /**
   * @param nodes keys and values in turn
   */
  SourceMapping(
      SourceText source, int start, @Nullable String anchor, List<SourceNode> nodes, boolean flow) {
    this.source = source;
    this.start = start;
    this.anchor = anchor;
    this.nodes = nodes.toArray(SourceNode[]::new);
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
    return new Entries();
  }

  /** Whether it is written in braces. */
  public boolean flow() {
    return flow;
  }

  /** A view: made when it is looked at, for there are as many as lines in a tree. */
  private final class Entries extends AbstractList<Entry> implements RandomAccess {
    @Override
    public Entry get(int at) {
      Objects.checkIndex(at, size());
      return new Entry(nodes[2 * at], nodes[2 * at + 1]);
    }

    @Override
    public int size() {
      return nodes.length / 2;
    }
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
    if (nodes.length > 2 * FEW) {
      Integer at = indexed().get(key);
      return at == null ? null : new Entry(nodes[at], nodes[at + 1]);
    }
    for (int at = nodes.length - 2; at >= 0; at -= 2) {
      if (nodes[at] instanceof ScalarSite scalar && scalar.value().equals(key)) {
        return new Entry(scalar, nodes[at + 1]);
      }
    }
    return null;
  }

  private Map<String, Integer> indexed() {
    Map<String, Integer> known = index;
    if (known == null) {
      known = HashMap.newHashMap(nodes.length / 2);
      for (int at = 0; at < nodes.length; at += 2) {
        if (nodes[at] instanceof ScalarSite scalar) {
          known.put(scalar.value(), at);
        }
      }
      index = known;
    }
    return known;
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
