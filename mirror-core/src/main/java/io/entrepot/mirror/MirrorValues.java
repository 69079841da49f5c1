package io.entrepot.mirror;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.NamingRule;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The kinds of values that a {@code mirror.yaml} holds. */
final class MirrorValues {

  private MirrorValues() {}

  static TagFilter filter(YamlValue tags) {
    YamlProperties filter = tags.properties("semver", "match", "newest");
    if (tags.isMapping()
        && !filter.has("semver")
        && !filter.has("match")
        && !filter.has("newest")) {
      tags.problem("is empty; give semver, match or newest");
    }
    return new TagFilter(
        filter.find("semver").flatMap(value -> value.parsed(SemverRange::parse)).orElse(null),
        filter.find("match").flatMap(value -> value.parsed(MirrorValues::pattern)).orElse(null),
        filter.find("newest").flatMap(value -> value.number(1, 10_000)).orElse(0));
  }

  static List<Platform> platforms(YamlValue list) {
    List<Platform> platforms = new ArrayList<>();
    List<YamlValue> items = list.items();
    if (list.isSequence() && items.isEmpty()) {
      list.problem("is empty; for a chart or other artifact write artifact: instead of source:");
    }
    for (YamlValue item : items) {
      item.parsed(Platform::parse)
          .ifPresent(
              platform -> {
                if (platforms.contains(platform)) {
                  item.problem("is %s, which is there already".formatted(platform));
                } else {
                  platforms.add(platform);
                }
              });
    }
    return platforms;
  }

  static String name(String text) {
    if (text.indexOf(':') >= 0 || text.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "'%s' is not a name; the tag is kept, and target: gives another".formatted(text));
    }
    return text;
  }

  static Repository prefix(String text) {
    requireRegistry(text);
    return Repository.parse(text);
  }

  // Names without a registry are refused: they would mean Docker Hub.
  static void requireRegistry(String text) {
    if (!RegistryName.beginsName(text)) {
      throw new IllegalArgumentException(
          "'%s' names no registry and repository (for example ghcr.io/acme/mirror)"
              .formatted(text));
    }
  }

  static NamingRule rule(String text) {
    for (NamingRule rule : NamingRule.values()) {
      if (rule.word().equals(text)) {
        return rule;
      }
    }
    throw new IllegalArgumentException(
        "not a naming rule: '%s' (flat, path or full)".formatted(text));
  }

  private static Pattern pattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "not a regular expression: '%s': %s".formatted(text, e.getDescription()), e);
    }
  }

  static String names(List<Platform> platforms) {
    return String.join(", ", platforms.stream().map(Platform::toString).toList());
  }

  /** Where an entry says itself that its copy is; null where it does not, or not rightly. */
  static @Nullable ImageReference explicitTarget(YamlProperties entry) {
    return entry
        .find("target")
        .flatMap(
            value ->
                value.parsed(
                    text -> {
                      ImageReference given = ImageReference.parse(text);
                      requireRegistry(text);
                      if (given.digest() != null) {
                        throw new IllegalArgumentException(
                            "a target is named by tag, not by digest");
                      }
                      return given;
                    }))
        .orElse(null);
  }
}
