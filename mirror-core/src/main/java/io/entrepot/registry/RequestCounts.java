package io.entrepot.registry;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Requests sent, by host and by verb and kind ({@code GET manifest}), retries included. */
public final class RequestCounts {

  private final Map<String, Map<String, LongAdder>> byHost = new ConcurrentHashMap<>();

  /** Starts at nothing. */
  public RequestCounts() {}

  void add(String host, String verbAndKind) {
    byHost
        .computeIfAbsent(host, key -> new ConcurrentHashMap<>())
        .computeIfAbsent(verbAndKind, key -> new LongAdder())
        .increment();
  }

  /** A sorted copy of the numbers as they are now. */
  public SortedMap<String, SortedMap<String, Long>> snapshot() {
    SortedMap<String, SortedMap<String, Long>> copy = new TreeMap<>();
    byHost.forEach(
        (host, counts) -> {
          SortedMap<String, Long> kinds = new TreeMap<>();
          counts.forEach((kind, count) -> kinds.put(kind, count.sum()));
          copy.put(host, Collections.unmodifiableSortedMap(kinds));
        });
    return Collections.unmodifiableSortedMap(copy);
  }
}
