package io.entrepot.render;

import io.entrepot.render.FluxSources.Location;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Flux's HelmReleases. */
final class FluxReleases {

  /** Keys with dots between them, without indexes and escapes. */
  private static final Pattern SIMPLE_PATH =
      Pattern.compile("[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*");

  private final Clusters clusters;
  private final FluxSources fluxSources;
  private final ConfigMaps configMaps;

  FluxReleases(Clusters clusters, FluxSources fluxSources, ConfigMaps configMaps) {
    this.clusters = clusters;
    this.fluxSources = fluxSources;
    this.configMaps = configMaps;
  }

  /** A chart, and the values files that are taken from beside it. */
  private record Chart(
      String chart, @Nullable String repository, @Nullable String version, List<String> values) {}

  /** What a HelmRelease asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    Object release = declaration.document();
    if (Plain.flag(release, "spec", "suspend")) {
      outcome.unrendered.addAll(NotAtHand.suspended(declaration));
      return List.of();
    }
    Chart chart = chart(declaration, outcome);
    if (chart == null) {
      return List.of();
    }
    String own = Plain.text(release, "metadata", "namespace");
    String elsewhere = Plain.text(release, "spec", "targetNamespace");
    String given = Plain.text(release, "spec", "releaseName");
    String name = declaration.name();
    HelmOptions options = HelmOptions.NONE.withOverlays(overlays(release));
    String cluster = Plain.text(release, "spec", "kubeConfig", "secretRef", "name");
    List<Assignment> found = new ArrayList<>();
    for (String target : declaration.targets()) {
      Object values = withValuesFrom(target, declaration, own, outcome);
      found.add(
          new Assignment(
              target,
              clusters.of(target, declaration.home(), cluster),
              new Helm(
                  chart.chart(),
                  chart.repository(),
                  chart.version(),
                  given != null ? given : elsewhere == null ? name : elsewhere + "-" + name,
                  elsewhere == null ? own : elsewhere,
                  chart.values(),
                  values == null ? null : JsonMapper.shared().writeValueAsString(values),
                  options,
                  Plain.flag(release, "spec", "chart", "spec", "ignoreMissingValuesFiles"),
                  declaration.position())));
    }
    return found;
  }

  /** Where the chart is; null where that is not at hand, which is said. */
  private @Nullable Chart chart(Declaration declaration, Outcome outcome) {
    Object spec = Plain.at(declaration.document(), "spec", "chart", "spec");
    if (spec == null) {
      String kind = Plain.text(declaration.document(), "spec", "chartRef", "kind");
      String name = Plain.text(declaration.document(), "spec", "chartRef", "name");
      if (!"HelmChart".equals(kind)) {
        return artifact(declaration, kind, name, outcome);
      }
      spec = Plain.at(fluxSources.find("HelmChart", name), "spec");
      if (spec == null) {
        outcome.unrendered.addAll(NotAtHand.of(declaration, "HelmChart " + name));
        return null;
      }
    }
    String chart = String.valueOf(Plain.text(spec, "chart"));
    String version = Plain.text(spec, "version");
    String kind = Plain.text(spec, "sourceRef", "kind");
    String name = Plain.text(spec, "sourceRef", "name");
    if ("HelmRepository".equals(kind)) {
      String url = fluxSources.url(kind, name);
      if (url == null) {
        outcome.unrendered.addAll(
            NotAtHand.of(declaration, "the chart %s of HelmRepository %s".formatted(chart, name)));
        return null;
      }
      return url.startsWith("oci://")
          ? new Chart(url + "/" + chart, null, version, List.of())
          : new Chart(chart, url, version, List.of());
    }
    Location source = fluxSources.locate(kind, name, chart);
    String base = source.base();
    if (base == null) {
      outcome.unrendered.addAll(NotAtHand.of(declaration, source.title()));
      return null;
    }
    List<String> values =
        Plain.texts(spec, "valuesFiles").stream().map(file -> TreePath.below(base, file)).toList();
    return new Chart(TreePath.below(base, chart), null, version, values);
  }

  /** A chart that is an artifact by itself. */
  private @Nullable Chart artifact(
      Declaration declaration, @Nullable String kind, @Nullable String name, Outcome outcome) {
    Object artifact = fluxSources.find(kind, name);
    String url = Plain.text(artifact, "spec", "url");
    if (url == null) {
      outcome.unrendered.addAll(NotAtHand.of(declaration, "%s %s".formatted(kind, name)));
      return null;
    }
    Location source = fluxSources.locate(kind, name, "");
    return source.base() != null && !source.base().isEmpty()
        ? new Chart(source.base(), null, null, List.of())
        : new Chart(url, null, Plain.text(artifact, "spec", "ref", "tag"), List.of());
  }

  /** What is laid over the chart's objects, in order. */
  private static List<String> overlays(@Nullable Object release) {
    List<String> overlays = new ArrayList<>();
    for (Object renderer : Plain.list(release, "spec", "postRenderers")) {
      String overlay = KustomizeOverlay.of(Plain.map(renderer, "kustomize"));
      if (overlay != null) {
        overlays.add(overlay);
      }
    }
    return overlays;
  }

  /** The release's own values upon those of ConfigMaps of the tree; what is elsewhere is named. */
  private @Nullable Object withValuesFrom(
      String target, Declaration declaration, @Nullable String namespace, Outcome outcome) {
    Object release = declaration.document();
    Object values = null;
    for (Object from : Plain.list(release, "spec", "valuesFrom")) {
      String key = Plain.text(from, "valuesKey");
      Map<String, @Nullable Object> data =
          configMaps.find(target, Plain.text(from, "kind"), namespace, Plain.text(from, "name"));
      Object text = data == null ? null : data.get(key == null ? "values.yaml" : key);
      Object given = text == null ? null : given(text.toString(), Plain.text(from, "targetPath"));
      if (given == null) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                declaration.title(),
                declaration.position(),
                "valuesFrom takes values from %s %s, which only the cluster can tell"
                    .formatted(Plain.text(from, "kind"), Plain.text(from, "name"))));
      }
      values = upon(values, given);
    }
    return upon(values, Plain.at(release, "spec", "values"));
  }

  /**
   * The values that a text gives.
   *
   * @param path the one value that the text is, or null where the text is YAML
   */
  private static @Nullable Object given(String text, @Nullable String path) {
    if (path == null) {
      return parsed(text);
    }
    if (!SIMPLE_PATH.matcher(path).matches()) {
      return null;
    }
    Object value = text;
    for (String key : List.of(path.split("\\.", -1)).reversed()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      map.put(key, value);
      value = map;
    }
    return value;
  }

  private static @Nullable Object parsed(String yaml) {
    try {
      List<SourceNode> documents = YamlScanner.scan(SourceText.of(yaml));
      return documents.size() == 1 ? Nodes.plain(documents.getFirst()) : null;
    } catch (UnreadableYamlException e) {
      return null;
    }
  }

  /** Maps are joined, everything else is replaced, as helm does it. */
  private static @Nullable Object upon(@Nullable Object below, @Nullable Object above) {
    if (!(below instanceof Map<?, ?>) || !(above instanceof Map<?, ?> map)) {
      return above == null ? below : above;
    }
    Map<String, @Nullable Object> joined = Plain.map(below);
    map.forEach(
        (key, value) ->
            joined.put(
                String.valueOf(key),
                value == null ? null : upon(joined.get(String.valueOf(key)), value)));
    return joined;
  }
}
