package io.entrepot.gate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Findings that were there before. Two findings are the same when rule, target and object agree, or
 * rule, target and file where no object is concerned: neither a line, nor an image, nor a word
 * counts. Where an object had several findings of a rule, as many are known, those first that did
 * not change at all.
 */
record KnownFindings(List<Finding> findings, List<Skipped> skipped) {

  /** Nothing was there before. */
  static final KnownFindings NONE = new KnownFindings(List.of(), List.of());

  private record Key(Rule rule, String target, @Nullable Object subject) {}

  /** Those that were not there before, in their order. */
  List<Finding> newFindings(List<Finding> now) {
    return without(
        findings,
        now,
        each ->
            new Key(
                each.rule(), each.target(), each.object() == null ? each.file() : each.object()),
        (a, b) -> Objects.equals(a.image(), b.image()) && a.message().equals(b.message()));
  }

  /**
   * Those that were not there before, in their order. What was not judged before is no news where
   * something else names it too.
   */
  List<Skipped> newSkipped(List<Skipped> now) {
    return without(
        toldApart(skipped, now),
        toldApart(now, skipped),
        each -> new Key(each.rule(), each.target(), subject(each)),
        (a, b) -> a.what().equals(b.what()));
  }

  /** Those of which the others do not name the same. */
  private static List<Skipped> toldApart(List<Skipped> some, List<Skipped> others) {
    Set<Key> told = new HashSet<>();
    others.forEach(each -> told.add(new Key(each.rule(), each.target(), each.what())));
    return some.stream()
        .filter(each -> !told.contains(new Key(each.rule(), each.target(), each.what())))
        .toList();
  }

  private static Object subject(Skipped skipped) {
    if (skipped.object() != null) {
      return skipped.object();
    }
    return skipped.position() == null ? skipped.what() : skipped.position().file();
  }

  private static <T> List<T> without(
      List<T> before, List<T> now, Function<T, Key> key, BiPredicate<T, T> unchanged) {
    Map<Key, List<T>> left = new HashMap<>();
    before.forEach(each -> left.computeIfAbsent(key.apply(each), _ -> new ArrayList<>()).add(each));
    List<T> changed = new ArrayList<>();
    for (T each : now) {
      List<T> known = left.getOrDefault(key.apply(each), new ArrayList<>());
      T same = known.stream().filter(old -> unchanged.test(old, each)).findFirst().orElse(null);
      if (same == null) {
        changed.add(each);
      } else {
        known.remove(same);
      }
    }
    List<T> fresh = new ArrayList<>();
    for (T each : changed) {
      List<T> known = left.getOrDefault(key.apply(each), List.of());
      if (known.isEmpty()) {
        fresh.add(each);
      } else {
        known.removeFirst();
      }
    }
    return fresh;
  }
}
