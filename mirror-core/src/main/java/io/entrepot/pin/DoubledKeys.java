package io.entrepot.pin;

import io.entrepot.sites.ImageSite;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keys that stand twice in one map of a file. Parsers differ on which one counts, so what stands in
 * or below them is in doubt; the rest of the file is not.
 */
final class DoubledKeys {

  /** No key is doubled. */
  static final DoubledKeys NONE = new DoubledKeys();

  /**
   * A key's second appearance.
   *
   * @param line from 1
   */
  record Doubled(String key, int line) {

    /** Why nothing is written there. */
    String reason() {
      return "the key '%s' stands twice in one map; parsers differ on which one counts"
          .formatted(key);
    }
  }

  /** The last line of what is in doubt, and the key that makes it so. */
  private record Range(int last, Doubled doubled) {}

  private final List<Doubled> all = new ArrayList<>();
  private final NavigableMap<Integer, Range> ranges = new TreeMap<>();
  private final Set<SourceNode> values = Collections.newSetFromMap(new IdentityHashMap<>());

  private DoubledKeys() {}

  static DoubledKeys of(List<SourceNode> documents) {
    DoubledKeys keys = new DoubledKeys();
    documents.forEach(keys::look);
    return keys.all.isEmpty() ? NONE : keys;
  }

  /** Each, by its line. */
  List<Doubled> all() {
    return Collections.unmodifiableList(all);
  }

  /** The doubled key that a site stands in or below. */
  Optional<Doubled> around(ImageSite site) {
    Map.Entry<Integer, Range> range = ranges.floorEntry(site.line());
    return range != null && site.line() <= range.getValue().last()
        ? Optional.of(range.getValue().doubled())
        : Optional.empty();
  }

  /** Whether a site is a doubled key's own value. */
  boolean isValue(ImageSite site) {
    return values.contains(site.name().scalar());
  }

  private void look(SourceNode node) {
    switch (node) {
      case SourceMapping mapping -> {
        Map<String, List<SourceMapping.Entry>> byKey = new HashMap<>();
        for (SourceMapping.Entry entry : mapping.entries()) {
          if (entry.key() instanceof ScalarSite key && !key.value().equals("<<")) {
            byKey.computeIfAbsent(key.value(), _ -> new ArrayList<>()).add(entry);
          }
        }
        for (SourceMapping.Entry entry : mapping.entries()) {
          List<SourceMapping.Entry> same = byKey.getOrDefault(entry.name(), List.of());
          if (same.size() < 2) {
            look(entry.value());
          } else if (entry.equals(same.getFirst())) {
            doubled(entry.name(), same);
          }
        }
      }
      case SourceSequence sequence -> sequence.items().forEach(this::look);
      case ScalarSite _, SourceAlias _ -> {}
    }
  }

  private void doubled(String name, List<SourceMapping.Entry> entries) {
    Doubled doubled = new Doubled(name, entries.get(1).key().line());
    all.add(doubled);
    for (SourceMapping.Entry entry : entries) {
      ranges.put(entry.key().line(), new Range(lastLine(entry.value()), doubled));
      values.add(entry.value());
    }
  }

  private static int lastLine(SourceNode node) {
    int last = node.line();
    switch (node) {
      case SourceMapping mapping -> {
        for (SourceMapping.Entry entry : mapping.entries()) {
          last = Math.max(last, lastLine(entry.value()));
        }
      }
      case SourceSequence sequence -> {
        for (SourceNode item : sequence.items()) {
          last = Math.max(last, lastLine(item));
        }
      }
      case ScalarSite scalar ->
          last = scalar.source().fileLine(Math.max(scalar.start(), scalar.end() - 1));
      case SourceAlias _ -> {}
    }
    return last;
  }
}
