package io.entrepot.proxy;

import io.entrepot.proxy.login.Grant;
import io.entrepot.proxy.login.OidcIssuer;
import io.entrepot.proxy.login.Right;
import io.entrepot.text.Glob;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code oidc:} of a {@code proxy.yaml}. */
final class OidcReader {

  private final Path directory;

  /**
   * @param directory from which paths are followed
   */
  OidcReader(Path directory) {
    this.directory = directory;
  }

  List<OidcIssuer> read(YamlValue list) {
    List<OidcIssuer> issuers = new ArrayList<>();
    for (YamlValue item : list.items()) {
      YamlProperties issuer = item.properties("issuer", "audience", "allow", "ca");
      Optional<String> address =
          issuer.require("issuer").flatMap(value -> value.parsed(OidcIssuer::address));
      Optional<String> audience = filled(issuer, "audience");
      List<Grant> grants = issuer.require("allow").map(OidcReader::grants).orElse(List.of());
      Optional<Path> authorities = issuer.find("ca").flatMap(value -> value.parsed(this::existing));
      if (address.isPresent() && audience.isPresent() && !grants.isEmpty()) {
        issuers.add(
            new OidcIssuer(address.get(), audience.get(), grants, authorities.orElse(null)));
      }
    }
    if (list.items().isEmpty()) {
      list.problem("names no issuer");
    }
    return issuers;
  }

  private static List<Grant> grants(YamlValue list) {
    List<Grant> grants = new ArrayList<>();
    for (YamlValue item : list.items()) {
      YamlProperties grant = item.properties("claims", "repositories", "rights");
      Map<String, Glob> claims = grant.require("claims").map(OidcReader::claims).orElse(Map.of());
      Optional<String> repositories = filled(grant, "repositories");
      Set<Right> rights = grant.require("rights").map(OidcReader::rights).orElse(Set.of());
      if (!claims.isEmpty() && repositories.isPresent() && !rights.isEmpty()) {
        grants.add(new Grant(claims, Glob.ofName(repositories.get()), rights));
      }
    }
    if (list.items().isEmpty()) {
      list.problem("allows nothing to anybody");
    }
    return grants;
  }

  private static Map<String, Glob> claims(YamlValue value) {
    Map<String, Glob> claims = new LinkedHashMap<>();
    value.eachProperty(
        (key, pattern) ->
            pattern.text().ifPresent(text -> claims.put(key.text(), Glob.ofName(text))));
    if (claims.isEmpty()) {
      value.problem("names no claim, so every token of the issuer would fit");
    }
    return claims;
  }

  private static Set<Right> rights(YamlValue list) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    list.items().forEach(item -> item.parsed(OidcReader::right).ifPresent(rights::add));
    if (list.items().isEmpty()) {
      list.problem("names no right (read, write, delete)");
    }
    return rights;
  }

  private static Right right(String text) {
    return Arrays.stream(Right.values())
        .filter(right -> right.word().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not a right: '%s' (expected read, write or delete)".formatted(text)));
  }

  private static Optional<String> filled(YamlProperties owner, String key) {
    Optional<String> text = owner.require(key).flatMap(YamlValue::text);
    if (text.filter(String::isBlank).isPresent()) {
      owner.find(key).ifPresent(empty -> empty.problem("is empty"));
      return Optional.empty();
    }
    return text;
  }

  private Path existing(String text) {
    Path file = directory.resolve(text).normalize();
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no such file: " + file);
    }
    return file;
  }
}
