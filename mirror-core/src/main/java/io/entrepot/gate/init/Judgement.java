package io.entrepot.gate.init;

import io.entrepot.oci.Platform;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether an image can be mirrored as it is.
 *
 * @param problem why not, or null
 * @param waiver the platforms that a waiver would ask for; empty where none helps
 */
record Judgement(boolean artifact, @Nullable String problem, List<Platform> waiver) {

  Judgement {
    waiver = List.copyOf(waiver);
  }

  static Judgement of(ImageFacts facts, List<Platform> wanted) {
    if (facts.gone()) {
      return new Judgement(
          false, "it is gone: its registry answers that it is not there", List.of());
    }
    if (facts.problem() != null) {
      return new Judgement(false, facts.problem(), List.of());
    }
    List<Platform> there = facts.platforms();
    if (facts.artifact() || there == null) {
      return new Judgement(facts.artifact(), null, List.of());
    }
    List<Platform> served =
        wanted.stream()
            .filter(each -> there.stream().anyMatch(platform -> platform.satisfies(each)))
            .toList();
    if (served.isEmpty()) {
      return new Judgement(
          false,
          "none of %s is there; it has %s".formatted(names(wanted), names(there)),
          there.stream().distinct().limit(1).toList());
    }
    if (!facts.list()) {
      return new Judgement(
          false,
          "it is no manifest list: it has %s only".formatted(names(there)),
          served.subList(0, 1));
    }
    if (served.size() < wanted.size()) {
      List<Platform> missing = wanted.stream().filter(each -> !served.contains(each)).toList();
      return new Judgement(
          false, "%s is not there; it has %s".formatted(names(missing), names(there)), served);
    }
    return new Judgement(false, null, List.of());
  }

  private static String names(List<Platform> platforms) {
    return platforms.isEmpty()
        ? "no platform"
        : platforms.stream().map(Platform::toString).distinct().collect(Collectors.joining(", "));
  }
}
