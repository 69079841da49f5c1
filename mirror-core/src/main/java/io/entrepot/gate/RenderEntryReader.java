package io.entrepot.gate;

import io.entrepot.render.HelmOptions;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTarget;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads an entry of {@code render:}. */
final class RenderEntryReader {

  private RenderEntryReader() {}

  /** An entry with the cluster that it names; nothing where a problem was noted. */
  static Optional<RenderTarget.Entry> read(YamlValue value) {
    YamlProperties entry = value.properties("helm", "kustomize", "manifests", "cluster");
    String cluster = entry.find("cluster").flatMap(YamlValue::text).orElse(null);
    return read(value, entry).map(found -> new RenderTarget.Entry(found, cluster));
  }

  private static Optional<RenderEntry> read(YamlValue value, YamlProperties entry) {
    List<String> kinds =
        List.of("helm", "kustomize", "manifests").stream().filter(entry::has).toList();
    if (kinds.size() != 1) {
      if (value.isMapping()) {
        value.problem(
            kinds.isEmpty()
                ? "says nothing to render; give helm:, kustomize: or manifests:"
                : "has %s; only one of them can be".formatted(String.join(" and ", kinds)));
      }
      return Optional.empty();
    }
    YamlValue given = entry.find(kinds.getFirst()).orElseThrow();
    return switch (kinds.getFirst()) {
      case "helm" -> helm(given);
      case "kustomize" -> kustomize(given);
      default ->
          Optional.of(
              new RenderEntry.Manifests(TreePaths.oneOrMore(given), null, given.position()));
    };
  }

  private static Optional<RenderEntry> helm(YamlValue value) {
    YamlProperties helm =
        value.properties("chart", "repository", "version", "release", "namespace", "values", "set");
    Optional<String> repository = helm.find("repository").flatMap(YamlValue::text);
    Optional<String> chart =
        helm.require("chart")
            .flatMap(
                given ->
                    given.parsed(
                        text ->
                            repository.isPresent() || text.startsWith("oci://")
                                ? text
                                : TreePaths.relative(text)));
    Optional<String> release = helm.require("release").flatMap(YamlValue::text);
    List<String> values =
        helm.find("values").map(given -> TreePaths.oneOrMore(given)).orElse(List.of());
    SortedMap<String, String> parameters = new TreeMap<>();
    helm.find("set")
        .ifPresent(
            given ->
                given.eachProperty(
                    (key, item) ->
                        item.text().ifPresent(text -> parameters.put(key.text(), text))));
    if (chart.isEmpty() || release.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RenderEntry.Helm(
            chart.get(),
            repository.orElse(null),
            helm.find("version").flatMap(YamlValue::text).orElse(null),
            release.get(),
            helm.find("namespace").flatMap(YamlValue::text).orElse(null),
            values,
            null,
            HelmOptions.of(parameters),
            false,
            value.position()));
  }

  private static Optional<RenderEntry> kustomize(YamlValue value) {
    if (value.isMapping()) {
      YamlProperties kustomize = value.properties("path", "namespace");
      String namespace = kustomize.find("namespace").flatMap(YamlValue::text).orElse(null);
      return kustomize
          .require("path")
          .flatMap(path -> path.parsed(TreePaths::relative))
          .map(path -> RenderEntry.Kustomize.of(path, namespace, value.position()));
    }
    return value
        .parsed(TreePaths::relative)
        .map(path -> RenderEntry.Kustomize.of(path, null, value.position()));
  }
}
