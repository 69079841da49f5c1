package io.entrepot.gate;

import io.entrepot.oci.Platform;
import io.entrepot.render.RenderTarget;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code targets:}. */
final class TargetReader {

  private static final Pattern VERSION =
      Pattern.compile("v?[0-9]+\\.[0-9]+(?:\\.[0-9]+)?(?:[+-].*)?");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  private TargetReader() {}

  /** The targets in the file's order. */
  static List<Target> read(YamlValue value) {
    List<Target> targets = new ArrayList<>();
    value.eachProperty(
        (key, target) ->
            key.parsed(TargetReader::name).ifPresent(name -> targets.add(target(name, target))));
    if (value.isMapping() && targets.isEmpty()) {
      value.problem("is empty; name at least one target with its platforms");
    }
    return targets;
  }

  private static Target target(String name, YamlValue value) {
    YamlProperties properties =
        value.properties(
            "platforms", "cluster", "kubernetes", "render", "nodes", "storage", "selfContained");
    List<NodePool> nodes = new ArrayList<>();
    properties
        .find("nodes")
        .ifPresent(list -> list.items().forEach(item -> nodes.add(nodes(item))));
    List<RenderTarget.Entry> render = new ArrayList<>();
    properties
        .find("render")
        .ifPresent(
            list ->
                list.items().forEach(item -> RenderEntryReader.read(item).ifPresent(render::add)));
    return new Target(
        name,
        platforms(properties),
        properties.find("cluster").flatMap(YamlValue::text).orElse(name),
        properties
            .find("kubernetes")
            .flatMap(given -> given.parsed(TargetReader::kubernetes))
            .orElse(null),
        render,
        nodes,
        properties
            .find("storage")
            .flatMap(given -> given.parsed(TargetReader::storage))
            .orElse(null),
        properties.find("selfContained").flatMap(YamlValue::flag).orElse(false));
  }

  private static String kubernetes(String version) {
    if (!VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a version of Kubernetes, such as 1.31 or 1.31.4".formatted(version));
    }
    return version;
  }

  private static List<Platform> platforms(YamlProperties properties) {
    List<Platform> platforms = new ArrayList<>();
    properties
        .require("platforms")
        .ifPresent(
            list -> {
              if (list.isSequence() && list.items().isEmpty()) {
                list.problem("is empty; say what the nodes are, for example [linux/amd64]");
              }
              for (YamlValue item : list.items()) {
                item.parsed(Platform::parse)
                    .ifPresent(
                        platform -> {
                          if (platforms.contains(platform)) {
                            item.problem("is %s, which is there already".formatted(platform));
                          }
                          platforms.add(platform);
                        });
              }
            });
    return platforms;
  }

  private static NodePool nodes(YamlValue value) {
    YamlProperties properties = value.properties("labels", "taints");
    Map<String, String> labels = new LinkedHashMap<>();
    properties
        .find("labels")
        .ifPresent(
            given ->
                given.eachProperty(
                    (key, item) -> item.text().ifPresent(text -> labels.put(key.text(), text))));
    List<NodePool.Taint> taints = new ArrayList<>();
    properties
        .find("taints")
        .ifPresent(list -> list.items().forEach(item -> taint(item).ifPresent(taints::add)));
    return new NodePool(labels, taints);
  }

  private static Optional<NodePool.Taint> taint(YamlValue value) {
    if (!value.isMapping()) {
      return value.parsed(NodePool.Taint::parse);
    }
    YamlProperties properties = value.properties("key", "value", "effect");
    Optional<String> key = properties.require("key").flatMap(YamlValue::text);
    Optional<String> effect =
        properties.require("effect").flatMap(given -> given.parsed(NodePool.Taint::effect));
    return key.isEmpty() || effect.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NodePool.Taint(
                key.get(),
                properties.find("value").flatMap(YamlValue::text).orElse(""),
                effect.get()));
  }

  private static String storage(String text) {
    if (!text.equals(Target.LOCAL_PATH)) {
      throw new IllegalArgumentException("'%s' is not local-path".formatted(text));
    }
    return text;
  }

  private static String name(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a target's name (letters, digits, '-', '_' and '.')");
    }
    return name;
  }
}
