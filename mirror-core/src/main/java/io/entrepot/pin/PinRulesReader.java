package io.entrepot.pin;

import io.entrepot.config.RegistriesReader;
import io.entrepot.config.SpecLoader;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImagePattern;
import io.entrepot.sites.SitePattern;
import io.entrepot.sites.SiteRule;
import io.entrepot.text.Glob;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Turns a {@code pin.yaml} into what it asks for. */
public final class PinRulesReader {

  private final YamlDocument document;
  private final Path directory;

  private PinRulesReader(YamlDocument document, Path directory) {
    this.document = document;
    this.directory = directory;
  }

  /**
   * Loads a {@code pin.yaml}.
   *
   * @throws io.entrepot.yaml.ConfigException with everything that is wrong with it
   */
  public static PinSettings load(SpecLoader loader, Path file) {
    return loader.load(
        file, (document, directory) -> new PinRulesReader(document, directory).read());
  }

  private PinSettings read() {
    YamlProperties file =
        document
            .root()
            .properties(
                "lock", "include", "exclude", "floatingTags", "sites", "firstParty", "registries");
    Optional<Path> lock = file.find("lock").flatMap(PinRulesReader::text).map(directory::resolve);
    List<Glob> include = file.find("include").map(PinRulesReader::globs).orElse(List.of());
    List<Glob> exclude = file.find("exclude").map(PinRulesReader::globs).orElse(List.of());
    FloatingTags floating =
        file.find("floatingTags")
            .map(value -> new FloatingTags(globs(value)))
            .orElse(FloatingTags.DEFAULT);
    List<SiteRule> sites = new ArrayList<>();
    file.find("sites")
        .ifPresent(value -> value.items().forEach(item -> site(item).ifPresent(sites::add)));
    SortedMap<RegistryName, Upstream> registries =
        file.find("registries")
            .map(value -> new RegistriesReader(directory).read(value))
            .orElseGet(TreeMap::new);
    List<ImagePattern> firstParty =
        file.find("firstParty")
            .map(
                value ->
                    value.items().stream()
                        .flatMap(item -> text(item).stream())
                        .map(ImagePattern::new)
                        .toList())
            .orElse(List.of());
    document.finish();
    return new PinSettings(
        new PinRules(include, exclude, floating, sites, firstParty), lock.orElse(null), registries);
  }

  private static Optional<SiteRule> site(YamlValue value) {
    YamlProperties site = value.properties("path", "holds", "digestIn");
    Optional<String> path = site.require("path").flatMap(PinRulesReader::text);
    Optional<SiteRule.Holds> holds =
        site.require("holds")
            .flatMap(word -> word.parsed(oneOf(SiteRule.Holds.values(), SiteRule.Holds::word)));
    Optional<SiteRule.DigestField> digestIn =
        site.find("digestIn")
            .flatMap(
                word ->
                    word.parsed(oneOf(SiteRule.DigestField.values(), SiteRule.DigestField::word)));
    if (path.isEmpty() || holds.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SiteRule(SitePattern.of(path.get()), holds.get(), digestIn.orElse(null)));
  }

  private static <T> Function<String, T> oneOf(T[] values, Function<T, String> word) {
    return text ->
        Arrays.stream(values)
            .filter(value -> word.apply(value).equals(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' is none of %s"
                            .formatted(
                                text,
                                Arrays.stream(values)
                                    .map(word)
                                    .collect(Collectors.joining(", ")))));
  }

  private static List<Glob> globs(YamlValue list) {
    return list.items().stream().flatMap(item -> text(item).stream()).map(Glob::of).toList();
  }

  private static Optional<String> text(YamlValue value) {
    Optional<String> text = value.text();
    if (text.isPresent() && text.get().isEmpty()) {
      value.problem("is empty");
      return Optional.empty();
    }
    return text;
  }
}
