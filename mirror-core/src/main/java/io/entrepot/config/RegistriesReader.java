package io.entrepot.config;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.registry.auth.Origin;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code registries:}, which means the same in every kind of file. */
public final class RegistriesReader {

  private final Path directory;
  private final boolean locksAllowed;
  private final Map<RegistryName, List<Path>> locks = new HashMap<>();

  /**
   * @param directory the file's own, from which relative paths are followed
   */
  public RegistriesReader(Path directory) {
    this(directory, false);
  }

  /**
   * @param locksAllowed whether an endpoint may be a lock file, whose copies are asked first
   */
  public RegistriesReader(Path directory, boolean locksAllowed) {
    this.directory = directory;
    this.locksAllowed = locksAllowed;
  }

  /** Lock files among the endpoints that were read. */
  public Map<RegistryName, List<Path>> locks() {
    return locks;
  }

  /** The registries of a file; mistakes become problems of the document. */
  public SortedMap<RegistryName, Upstream> read(YamlValue registries) {
    SortedMap<RegistryName, Upstream> upstreams = new TreeMap<>();
    Map<RegistryName, Integer> lines = new HashMap<>();
    registries.eachProperty(
        (key, value) ->
            key.parsed(RegistryName::new)
                .ifPresent(
                    name -> {
                      Integer former = lines.putIfAbsent(name, key.line());
                      if (former != null) {
                        key.problem("is %s, as in line %d".formatted(name, former));
                      }
                      upstreams.put(name, upstream(name, value));
                    }));
    return upstreams;
  }

  private Upstream upstream(RegistryName name, YamlValue value) {
    Upstream assumed = Upstream.of(name);
    if (value.isNull()) {
      return assumed;
    }
    YamlProperties properties =
        value.properties("endpoints", "credentials", "tokenRealms", "pullBudget", "ca", "api");
    List<Endpoint> endpoints =
        properties.find("endpoints").map(list -> endpoints(name, list)).orElse(List.of());
    return new Upstream(
        name,
        endpoints.isEmpty() ? assumed.endpoints() : endpoints,
        properties.find("credentials").map(RegistriesReader::credentials).orElse(null),
        properties.find("tokenRealms").map(RegistriesReader::realms).orElse(Set.of()),
        properties.find("pullBudget").map(RegistriesReader::keep).orElse(0),
        properties.find("ca").map(this::certificates).orElse(null),
        properties.find("api").flatMap(given -> given.parsed(RegistriesReader::api)).orElse(null));
  }

  private List<Endpoint> endpoints(RegistryName name, YamlValue list) {
    List<Endpoint> endpoints = new ArrayList<>();
    List<YamlValue> items = list.items();
    if (list.isSequence() && items.isEmpty()) {
      list.problem("is empty; leave it out to use the registry's own address");
    }
    for (YamlValue item : items) {
      if (locksAllowed && item.isMapping()) {
        if (!endpoints.isEmpty()) {
          item.problem("is asked before all addresses; put it before them");
        }
        item.properties("lock")
            .require("lock")
            .flatMap(value -> value.parsed(this::existing))
            .ifPresent(file -> locks.computeIfAbsent(name, key -> new ArrayList<>()).add(file));
      } else {
        item.parsed(RegistriesReader::endpoint).ifPresent(endpoints::add);
      }
    }
    return endpoints;
  }

  private Path existing(String text) {
    Path file = directory.resolve(text).normalize();
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no such file: " + file);
    }
    return file;
  }

  private static Endpoint endpoint(String text) {
    if (text.contains("://")) {
      return Endpoint.parse(text);
    }
    int slash = text.indexOf('/');
    RegistryName host = new RegistryName(slash < 0 ? text : text.substring(0, slash));
    return Endpoint.parse((host.isLoopback() ? "http://" : "https://") + text);
  }

  /** The address of a forge's API, without a slash at its end. */
  private static URI api(String text) {
    String tidy = text.replaceAll("/+$", "");
    if (!tidy.matches("https?://[^/?#@]+(?:/[^?#@]*)?")) {
      throw new IllegalArgumentException(
          "not an address: '%s' (for example https://api.github.com)".formatted(text));
    }
    return URI.create(tidy);
  }

  private static @Nullable Credentials credentials(YamlValue value) {
    YamlProperties properties = value.properties("username", "password");
    String username = orEmpty(properties, "username", YamlValue::text);
    String password = orEmpty(properties, "password", YamlValue::secret);
    if (username == null || password == null) {
      return null;
    }
    // A fork's pull request runs without the secrets: both empty is the same as not given.
    if (username.isEmpty() && password.isEmpty()) {
      return null;
    }
    if (username.isEmpty() || password.isEmpty()) {
      value.problem("only one of username and password is given");
      return null;
    }
    return Credentials.basic(username, password);
  }

  private static @Nullable String orEmpty(
      YamlProperties properties, String key, Function<YamlValue, Optional<String>> text) {
    YamlValue value = properties.require(key).orElse(null);
    if (value == null) {
      return null;
    }
    return value.isNull() ? "" : text.apply(value).orElse(null);
  }

  private static Set<Origin> realms(YamlValue list) {
    Set<Origin> realms = new LinkedHashSet<>();
    for (YamlValue item : list.items()) {
      item.parsed(RegistriesReader::origin).ifPresent(realms::add);
    }
    return realms;
  }

  private static Origin origin(String text) {
    try {
      return Origin.of(URI.create(text));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(
          "not the address of a token service: '%s' (expected https://host[:port])".formatted(text),
          e);
    }
  }

  private static int keep(YamlValue value) {
    return value
        .properties("keep")
        .require("keep")
        .flatMap(keep -> keep.number(0, Integer.MAX_VALUE))
        .orElse(0);
  }

  private @Nullable Path certificates(YamlValue value) {
    return value.parsed(this::existing).orElse(null);
  }
}
