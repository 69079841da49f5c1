package io.entrepot.gate;

import io.entrepot.config.RegistriesReader;
import io.entrepot.config.SpecLoader;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.render.RenderTools;
import io.entrepot.sites.FloatingTags;
import io.entrepot.text.Glob;
import io.entrepot.text.TimeSpan;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns a {@code check.yaml} into what it asks for. */
public final class CheckSpecReader {

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
                "severity",
                "baseline",
                "sources",
                "tools",
                "registries");
    List<Target> targets = new ArrayList<>();
    file.require("targets").ifPresent(value -> targets.addAll(TargetReader.read(value)));
    List<String> argocd = new ArrayList<>();
    List<String> flux = new ArrayList<>();
    file.find("discover")
        .map(value -> value.properties("argocd", "flux"))
        .ifPresent(
            discover -> {
              discover.find("argocd").map(TreePaths::list).ifPresent(argocd::addAll);
              discover.find("flux").map(TreePaths::list).ifPresent(flux::addAll);
            });
    String lock =
        file.find("lock").flatMap(value -> value.parsed(TreePaths::relative)).orElse(null);
    List<String> schemas = file.find("schemas").map(TreePaths::list).orElse(List.of());
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
    Map<String, Severity> severity = new LinkedHashMap<>();
    file.find("severity")
        .ifPresent(
            value ->
                value.eachProperty(
                    (key, item) -> {
                      Optional<Rule> rule = key.parsed(rules::parse);
                      Optional<Severity> given = item.parsed(Severity::parse);
                      if (rule.isPresent() && given.isPresent()) {
                        severity.put(rule.get().id(), given.get());
                      }
                    }));
    String baseline =
        file.find("baseline").flatMap(value -> value.parsed(TreePaths::relative)).orElse(null);
    SortedMap<String, Path> sources = new TreeMap<>();
    file.find("sources")
        .ifPresent(
            value ->
                value.eachProperty(
                    (url, path) ->
                        path.parsed(this::checkout)
                            .ifPresent(checkout -> sources.put(url.text(), checkout))));
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
        severity,
        baseline,
        sources,
        tools,
        registries);
  }

  /** A directory beside this file or elsewhere. */
  private Path checkout(String path) {
    Path checkout = directory.resolve(path).toAbsolutePath().normalize();
    if (!Files.isDirectory(checkout)) {
      throw new IllegalArgumentException(
          "no such directory: %s; clone the repository there".formatted(path));
    }
    return checkout;
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

  private static String policy(String text) {
    if (!POLICIES.contains(text)) {
      throw new IllegalArgumentException(
          "'%s' is none of %s".formatted(text, String.join(", ", POLICIES)));
    }
    return text;
  }

  private static List<String> texts(YamlValue list) {
    List<String> texts = new ArrayList<>();
    list.items().forEach(item -> item.text().ifPresent(texts::add));
    return texts;
  }
}
