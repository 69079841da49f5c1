package io.entrepot.pin;

import io.entrepot.oci.RegistryName;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Registries that another chart's own values put before a name. A chart's values may name an image
 * of its subchart without one, and a release one of a chart that is elsewhere; a full name there
 * would get that chart's registry in front of it.
 */
final class SubchartRegistry {

  /**
   * Images whose own charts have {@code registry: docker.io} in the values, by the charts of
   * Bitnami, Grafana, Traefik, Jenkins and Falco. A full name in {@code repository} would come
   * behind it.
   */
  private static final Pattern CONVENTION =
      Pattern.compile(
          "bitnami[a-z]*/.+|grafana/(?:grafana|loki|promtail)|traefik|jenkins/jenkins|falcosecurity/.+");

  private static final String CHART = "Chart.yaml";
  private static final String REGISTRY = "registry";

  private SubchartRegistry() {}

  /** Why a site must not get a full name, or nothing where it may. */
  static Optional<Resolution.Missing> conflict(Path file, ImageSite site) {
    boolean bare =
        site.layout() == Layout.MAP
            && site.registry() == null
            && !RegistryName.beginsName(site.name().text());
    Path chart = file.toAbsolutePath().normalize().getParent();
    if (!bare || chart == null) {
      return Optional.empty();
    }
    if (!Files.exists(chart.resolve(CHART))) {
      List<String> parts = site.where().parts();
      boolean released =
          parts.contains("valuesObject")
              || (parts.size() > 2 && parts.subList(0, 2).equals(List.of("spec", "values")));
      return released && CONVENTION.matcher(site.name().text()).matches()
          ? missing("the charts of this image put a registry before its name")
          : Optional.empty();
    }
    try {
      return below(chart, site.where().parts());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Resolution.Missing> below(Path chart, List<String> path)
      throws IOException {
    if (path.size() < 2) {
      return Optional.empty();
    }
    String dependency = dependency(chart, path.getFirst());
    String name = dependency == null ? path.getFirst() : dependency;
    Path subchart = chart.resolve("charts").resolve(name);
    List<String> rest = path.subList(1, path.size());
    if (!Files.exists(subchart.resolve(CHART))) {
      return dependency == null
          ? Optional.empty()
          : missing("the subchart %s is not there to ask".formatted(name));
    }
    SourceNode values = document(subchart.resolve("values.yaml"));
    SourceNode map = values == null ? null : Nodes.at(values, rest.toArray(String[]::new));
    if (map instanceof SourceMapping && !text(map, REGISTRY).isEmpty()) {
      return missing(
          "the subchart %s puts the registry %s before this name"
              .formatted(name, text(map, REGISTRY)));
    }
    return map == null ? below(subchart, rest) : Optional.empty();
  }

  /** The name of the dependency whose values stand under a key, or null. */
  private static @Nullable String dependency(Path chart, String key) throws IOException {
    SourceNode document = document(chart.resolve(CHART));
    if (document != null) {
      for (SourceMapping each : Nodes.mappings(document, "dependencies")) {
        String alias = text(each, "alias");
        String name = text(each, "name");
        if (key.equals(alias.isEmpty() ? name : alias)) {
          return name;
        }
      }
    }
    return null;
  }

  private static @Nullable SourceNode document(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) > YamlScanner.MAX_LENGTH) {
      return null;
    }
    try {
      List<SourceNode> documents = YamlScanner.scan(SourceText.decode(Files.readAllBytes(file)));
      return documents.isEmpty() ? null : documents.getFirst();
    } catch (UnreadableYamlException e) {
      // Such a file is named with its reason when its own sites are read.
      return null;
    }
  }

  private static String text(SourceNode node, String key) {
    String text = Nodes.text(node, key);
    return text == null ? "" : text;
  }

  private static Optional<Resolution.Missing> missing(String why) {
    return Optional.of(
        new Resolution.Missing(
            LeftReason.NOT_WRITABLE,
            why + ": write 'registry' beside it once, then it is kept up to date"));
  }
}
