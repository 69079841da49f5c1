package io.entrepot.render;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Flux's HelmReleases. */
final class FluxReleases {

  private final Clusters clusters;
  private final FluxSources fluxSources;
  private final ConfigMaps configMaps;

  FluxReleases(Clusters clusters, FluxSources fluxSources, ConfigMaps configMaps) {
    this.clusters = clusters;
    this.fluxSources = fluxSources;
    this.configMaps = configMaps;
  }

  /** What a HelmRelease asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    Object release = declaration.document();
    FilePosition where = declaration.position();
    List<String> into = declaration.targets();
    String name = declaration.name();
    String own = Plain.text(release, "metadata", "namespace");
    String elsewhere = Plain.text(release, "spec", "targetNamespace");
    String namespace = elsewhere == null ? own : elsewhere;
    String given = Plain.text(release, "spec", "releaseName");
    String releaseName = given != null ? given : elsewhere == null ? name : elsewhere + "-" + name;
    Object spec = Plain.at(release, "spec", "chart", "spec");
    String chart = Plain.text(spec, "chart");
    String version = Plain.text(spec, "version");
    String kind = Plain.text(spec, "sourceRef", "kind");
    String sourceName = Plain.text(spec, "sourceRef", "name");
    String repository = null;
    List<String> values = new ArrayList<>();
    if (chart != null && !"GitRepository".equals(kind)) {
      String url = fluxSources.url("HelmRepository", sourceName);
      repository = url == null ? "HelmRepository " + sourceName : url;
      if (url != null && url.startsWith("oci://")) {
        chart = url + "/" + chart;
        repository = null;
      }
    } else if (chart != null) {
      chart = TreePath.tidy(chart);
      for (String file : Plain.texts(spec, "valuesFiles")) {
        values.add(TreePath.tidy(file));
      }
    } else {
      String reference = Plain.text(release, "spec", "chartRef", "name");
      Object artifact = fluxSources.find("OCIRepository", reference);
      String url = Plain.text(artifact, "spec", "url");
      chart = url == null ? "oci://OCIRepository " + reference : url;
      version = Plain.text(artifact, "spec", "ref", "tag");
    }
    for (String target : into) {
      String what = declaration.title();
      if (!Plain.list(release, "spec", "postRenderers").isEmpty()) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                what,
                where,
                "postRenderers change what its chart renders, which is more than is understood here"));
      }
      Object all = withValuesFrom(target, release, own, what, where, outcome);
      found.add(
          new Assignment(
              target,
              clusters.of(target, Plain.text(release, "spec", "kubeConfig", "secretRef", "name")),
              new Helm(
                  chart,
                  repository,
                  version,
                  releaseName,
                  namespace,
                  values,
                  all == null ? null : JsonMapper.shared().writeValueAsString(all),
                  new TreeMap<>(),
                  false,
                  where)));
    }
    return found;
  }

  /** The release's own values upon those of ConfigMaps of the tree; what is elsewhere is named. */
  private @Nullable Object withValuesFrom(
      String target,
      @Nullable Object release,
      @Nullable String namespace,
      String what,
      FilePosition where,
      Outcome outcome) {
    Object values = null;
    for (Object from : Plain.list(release, "spec", "valuesFrom")) {
      String key = Plain.text(from, "valuesKey");
      Object text =
          "ConfigMap".equals(Plain.text(from, "kind")) && Plain.text(from, "targetPath") == null
              ? configMaps
                  .find(target, namespace, Plain.text(from, "name"))
                  .get(key == null ? "values.yaml" : key)
              : null;
      Object given = text == null ? null : parsed(text.toString());
      if (given == null) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                what,
                where,
                "valuesFrom takes values from %s %s, which only the cluster can tell"
                    .formatted(Plain.text(from, "kind"), Plain.text(from, "name"))));
      }
      values = upon(values, given);
    }
    return upon(values, Plain.at(release, "spec", "values"));
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
