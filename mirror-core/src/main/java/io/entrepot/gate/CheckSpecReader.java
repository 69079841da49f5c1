package io.entrepot.gate;

import io.entrepot.config.RegistriesReader;
import io.entrepot.config.SpecLoader;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTools;
import io.entrepot.sites.FloatingTags;
import io.entrepot.text.Glob;
import io.entrepot.text.TimeSpan;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a {@code check.yaml} into what it asks for. */
public final class CheckSpecReader {

  private static final Pattern TARGET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
  private static final List<String> POLICIES = List.of("IfNotPresent", "Always", "Never");

  private final YamlDocument document;
  private final Path directory;
  private final Rules rules;

  private CheckSpecReader(YamlDocument document, Path directory, Rules rules) {
    this.document = document;
    this.directory = directory;
    this.rules = rules;
  }

  /**
   * Loads a file.
   *
   * @param rules those that it may name
   * @throws ConfigException with everything that is wrong with it
   */
  public static CheckSpec load(SpecLoader loader, Path file, Rules rules) {
    return loader.load(
        file, (document, directory) -> new CheckSpecReader(document, directory, rules).read());
  }

  private CheckSpec read() {
    YamlProperties file =
        document
            .root()
            .properties(
                "targets",
                "discover",
                "lock",
                "schemas",
                "pullPolicy",
                "private",
                "firstParty",
                "floatingTags",
                "allow",
                "provided",
                "tools",
                "registries");
    List<Target> targets = new ArrayList<>();
    file.require("targets").ifPresent(value -> readTargets(value, targets));
    List<String> argocd = new ArrayList<>();
    List<String> flux = new ArrayList<>();
    file.find("discover")
        .map(value -> value.properties("argocd", "flux"))
        .ifPresent(
            discover -> {
              discover.find("argocd").map(CheckSpecReader::paths).ifPresent(argocd::addAll);
              discover.find("flux").map(CheckSpecReader::paths).ifPresent(flux::addAll);
            });
    String lock =
        file.find("lock").flatMap(value -> value.parsed(CheckSpecReader::relative)).orElse(null);
    List<String> schemas = file.find("schemas").map(CheckSpecReader::paths).orElse(List.of());
    String pullPolicy =
        file.find("pullPolicy")
            .flatMap(value -> value.parsed(CheckSpecReader::policy))
            .orElse(null);
    List<String> firstParty = file.find("firstParty").map(CheckSpecReader::texts).orElse(List.of());
    List<String> privateImages = file.find("private").map(CheckSpecReader::texts).orElse(List.of());
    FloatingTags floating =
        file.find("floatingTags")
            .map(value -> new FloatingTags(texts(value).stream().map(Glob::of).toList()))
            .orElse(FloatingTags.DEFAULT);
    List<Waiver> allow = new ArrayList<>();
    file.find("allow")
        .ifPresent(
            value -> value.items().forEach(item -> waiver(item, targets).ifPresent(allow::add)));
    List<Provided> provided = new ArrayList<>();
    file.find("provided")
        .ifPresent(value -> value.items().forEach(item -> provided(item).ifPresent(provided::add)));
    RenderTools tools = file.find("tools").map(CheckSpecReader::tools).orElse(RenderTools.DEFAULTS);
    SortedMap<RegistryName, Upstream> registries =
        file.find("registries")
            .map(value -> new RegistriesReader(directory).read(value))
            .orElseGet(TreeMap::new);
    document.finish();
    return new CheckSpec(
        targets,
        argocd,
        flux,
        lock,
        schemas,
        pullPolicy,
        privateImages,
        firstParty,
        floating,
        allow,
        provided,
        tools,
        registries);
  }

  private static void readTargets(YamlValue value, List<Target> targets) {
    value.eachProperty(
        (key, target) ->
            key.parsed(CheckSpecReader::targetName)
                .ifPresent(name -> targets.add(target(name, target))));
    if (value.isMapping() && targets.isEmpty()) {
      value.problem("is empty; name at least one target with its platforms");
    }
  }

  private static Target target(String name, YamlValue value) {
    YamlProperties properties = value.properties("platforms", "cluster", "render");
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
    String cluster = properties.find("cluster").flatMap(YamlValue::text).orElse(name);
    List<RenderEntry> render = new ArrayList<>();
    properties
        .find("render")
        .ifPresent(list -> list.items().forEach(item -> entry(item).ifPresent(render::add)));
    return new Target(name, platforms, cluster, render);
  }

  private static Optional<RenderEntry> entry(YamlValue value) {
    YamlProperties entry = value.properties("helm", "kustomize", "manifests");
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
              new RenderEntry.Manifests(
                  given.isScalar()
                      ? given.parsed(CheckSpecReader::relative).map(List::of).orElse(List.of())
                      : paths(given),
                  null,
                  given.position()));
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
                                : relative(text)));
    Optional<String> release = helm.require("release").flatMap(YamlValue::text);
    List<String> values =
        helm.find("values")
            .map(
                given ->
                    given.isScalar()
                        ? given.parsed(CheckSpecReader::relative).map(List::of).orElse(List.of())
                        : paths(given))
            .orElse(List.of());
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
            parameters,
            false,
            value.position()));
  }

  private static Optional<RenderEntry> kustomize(YamlValue value) {
    if (value.isMapping()) {
      YamlProperties kustomize = value.properties("path", "namespace");
      String namespace = kustomize.find("namespace").flatMap(YamlValue::text).orElse(null);
      return kustomize
          .require("path")
          .flatMap(path -> path.parsed(CheckSpecReader::relative))
          .map(
              path ->
                  new RenderEntry.Kustomize(
                      path, List.of(), namespace, null, new TreeMap<>(), value.position()));
    }
    return value
        .parsed(CheckSpecReader::relative)
        .map(
            path ->
                new RenderEntry.Kustomize(
                    path, List.of(), null, null, new TreeMap<>(), value.position()));
  }

  private Optional<Waiver> waiver(YamlValue value, List<Target> targets) {
    YamlProperties allow = value.properties("rule", "image", "target", "object", "file", "reason");
    Optional<Rule> rule = allow.require("rule").flatMap(given -> given.parsed(rules::parse));
    Optional<String> reason = reason(allow, "a waiver must say why");
    String target =
        allow
            .find("target")
            .flatMap(
                given ->
                    given.parsed(
                        name -> {
                          if (targets.stream().noneMatch(each -> each.name().equals(name))) {
                            throw new IllegalArgumentException(
                                "no target '%s'; there are %s"
                                    .formatted(
                                        name,
                                        String.join(
                                            ", ", targets.stream().map(Target::name).toList())));
                          }
                          return name;
                        }))
            .orElse(null);
    if (rule.isEmpty() || reason.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Waiver(
            rule.get(),
            text(allow, "image"),
            target,
            text(allow, "object"),
            text(allow, "file"),
            reason.get(),
            value.position()));
  }

  private static Optional<Provided> provided(YamlValue value) {
    YamlProperties provided = value.properties("kind", "name", "namespace", "reason");
    Optional<String> kind = provided.require("kind").flatMap(YamlValue::text);
    Optional<String> name = provided.require("name").flatMap(YamlValue::text);
    Optional<String> reason = reason(provided, "an object that nothing here makes must say why");
    if (kind.isEmpty() || name.isEmpty() || reason.isEmpty()) {
      return Optional.empty();
    }
    String namespace = text(provided, "namespace");
    return Optional.of(
        new Provided(
            kind.get(),
            Glob.ofName(name.get()),
            namespace == null ? null : Glob.ofName(namespace),
            reason.get(),
            value.position()));
  }

  /** The reason that must be given. */
  private static Optional<String> reason(YamlProperties properties, String whyAsked) {
    Optional<String> reason = properties.require("reason").flatMap(YamlValue::text);
    if (reason.isPresent() && reason.get().isBlank()) {
      properties.find("reason").ifPresent(given -> given.problem("is empty; " + whyAsked));
    }
    return reason;
  }

  private static RenderTools tools(YamlValue value) {
    YamlProperties tools = value.properties("helm", "kustomize", "timeout");
    String helm = text(tools, "helm");
    String kustomize = text(tools, "kustomize");
    Duration timeout =
        tools.find("timeout").flatMap(given -> given.parsed(TimeSpan::parse)).orElse(null);
    return new RenderTools(
        helm == null ? RenderTools.DEFAULTS.helm() : helm,
        kustomize == null ? RenderTools.DEFAULTS.kustomize() : kustomize,
        timeout == null ? RenderTools.DEFAULTS.timeout() : timeout);
  }

  private static @Nullable String text(YamlProperties properties, String key) {
    return properties.find(key).flatMap(YamlValue::text).orElse(null);
  }

  private static String targetName(String name) {
    if (!TARGET.matcher(name).matches()) {
      throw new IllegalArgumentException("not a target's name (letters, digits, '-', '_' and '.')");
    }
    return name;
  }

  private static String policy(String text) {
    if (!POLICIES.contains(text)) {
      throw new IllegalArgumentException(
          "'%s' is none of %s".formatted(text, String.join(", ", POLICIES)));
    }
    return text;
  }

  private static List<String> paths(YamlValue list) {
    List<String> paths = new ArrayList<>();
    list.items().forEach(item -> item.parsed(CheckSpecReader::relative).ifPresent(paths::add));
    return paths;
  }

  private static List<String> texts(YamlValue list) {
    List<String> texts = new ArrayList<>();
    list.items().forEach(item -> item.text().ifPresent(texts::add));
    return texts;
  }

  /** A path below the file's directory: a base revision is judged by the same paths. */
  private static String relative(String text) {
    String path = text.replace('\\', '/');
    if (path.startsWith("/") || path.toLowerCase(Locale.ROOT).matches("[a-z]:/.*")) {
      throw new IllegalArgumentException(
          "'%s' must be relative to this file's directory".formatted(text));
    }
    String stripped = path.startsWith("./") ? path.substring(2) : path;
    return stripped.length() > 1 && stripped.endsWith("/")
        ? stripped.substring(0, stripped.length() - 1)
        : stripped;
  }
}
