package io.entrepot.proxy;

import io.entrepot.config.ByteSize;
import io.entrepot.config.RegistriesReader;
import io.entrepot.config.SpecLoader;
import io.entrepot.notify.NotifyReader;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ProxySpec.AccessRule;
import io.entrepot.proxy.ProxySpec.PolicyChoice;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.hook.HookSecrets;
import io.entrepot.proxy.hook.HookVendor;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.registry.Upstream;
import io.entrepot.text.TimeSpan;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a {@code proxy.yaml}. */
public final class ProxySpecReader {

  private static final Pattern PUBLIC_PATH = Pattern.compile("(?:/[A-Za-z0-9._~-]+)*/?");

  private final YamlDocument document;
  private final Path directory;

  private final NotifyReader notify;

  private ProxySpecReader(YamlDocument document, Path directory, NotifyReader notify) {
    this.document = document;
    this.directory = directory;
    this.notify = notify;
  }

  /**
   * Loads a {@code proxy.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static ProxySpec load(SpecLoader loader, Path file) {
    return loader.load(
        file,
        (document, directory) ->
            new ProxySpecReader(document, directory, new NotifyReader(loader.environment()))
                .read());
  }

  private ProxySpec read() {
    YamlProperties file =
        document
            .root()
            .properties(
                "listen",
                "cache",
                "tls",
                "tagFreshness",
                "local",
                "defaultUpstream",
                "names",
                "registries",
                "users",
                "access",
                "oidc",
                "anonymous",
                "anonymousPulls",
                "accessLog",
                "page",
                "publicUrl",
                "policy",
                "mirrors",
                "webhooks",
                "notify");
    YamlProperties cache =
        file.find("cache").map(value -> value.properties("directory", "maxSize")).orElse(null);
    boolean automaticTls = file.find("tls").filter(ProxySpecReader::isAutomatic).isPresent();
    YamlProperties tls =
        file.find("tls")
            .filter(value -> !value.isScalar())
            .map(value -> value.properties("certificate", "key"))
            .orElse(null);
    RegistriesReader reader = new RegistriesReader(directory, true);
    SortedMap<RegistryName, Upstream> registries =
        file.find("registries").map(reader::read).orElse(null);
    RegistryName fallback =
        file.find("defaultUpstream").flatMap(value -> value.parsed(RegistryName::new)).orElse(null);
    if (fallback != null && registries != null && !registries.containsKey(fallback)) {
      file.find("defaultUpstream")
          .ifPresent(value -> value.problem("is not one of the registries below"));
    }
    if (file.find("users").isEmpty() && file.find("oidc").isEmpty()) {
      file.find("access")
          .ifPresent(
              value ->
                  value.problem(
                      "names who may do what, and users: or oidc: is missing, so nobody has a name;"
                          + " without them everybody may pull and push"));
    }
    ProxySpec spec =
        new ProxySpec(
            file.find("listen")
                .flatMap(value -> value.parsed(ProxySpecReader::address))
                .orElse("127.0.0.1:5000"),
            cache == null ? null : path(cache, "directory", false),
            cache == null
                ? ByteSize.parse("50GiB")
                : cache
                    .find("maxSize")
                    .flatMap(value -> value.parsed(ByteSize::parse))
                    .orElse(ByteSize.parse("50GiB")),
            tls == null ? null : path(tls, "certificate", true),
            tls == null ? null : path(tls, "key", true),
            automaticTls,
            file.find("tagFreshness")
                .flatMap(value -> value.parsed(TimeSpan::parse))
                .orElse(Duration.ofMinutes(5)),
            flag(file, "local", true),
            fallback,
            names(file),
            registries,
            reader.locks(),
            path(file, "users", false),
            file.find("access").map(ProxySpecReader::rules).orElse(List.of()),
            file.find("oidc").map(new OidcReader(directory)::read).orElse(List.of()),
            flag(file, "anonymous", false),
            file.find("anonymousPulls")
                .flatMap(value -> value.parsed(PullRate::parse))
                .orElse(null),
            file.find("accessLog")
                .flatMap(value -> value.parsed(ProxySpecReader::format))
                .orElse("none"),
            file.find("page").flatMap(YamlValue::flag).orElse(null),
            file.find("publicUrl")
                .flatMap(value -> value.parsed(ProxySpecReader::publicUrl))
                .orElse(null),
            file.find("policy").map(this::policy),
            file.find("mirrors").map(new MirrorJobsReader(directory)::read).orElse(List.of()),
            file.find("webhooks").map(ProxySpecReader::hooks),
            file.find("notify").map(notify::read).orElse(List.of()));
    document.finish();
    return spec;
  }

  private static boolean isAutomatic(YamlValue tls) {
    if (!tls.isScalar()) {
      return false;
    }
    if (!tls.text().equals(Optional.of("auto"))) {
      tls.problem("takes auto, or { certificate: FILE, key: FILE }");
      return false;
    }
    return true;
  }

  private @Nullable Path path(YamlProperties owner, String key, boolean required) {
    return (required ? owner.require(key) : owner.find(key))
        .flatMap(YamlValue::text)
        .map(
            text ->
                text.startsWith("~/")
                    ? Path.of(System.getProperty("user.home")).resolve(text.substring(2))
                    : directory.resolve(text).normalize())
        .orElse(null);
  }

  private PolicyChoice policy(YamlValue value) {
    YamlProperties policy = value.properties("file", "mode");
    return new PolicyChoice(
        path(policy, "file", false),
        policy
            .find("mode")
            .flatMap(mode -> mode.parsed(ProxySpecReader::mode))
            .orElse(PolicySettings.Mode.ENFORCE));
  }

  private static PolicySettings.Mode mode(String text) {
    return Arrays.stream(PolicySettings.Mode.values())
        .filter(mode -> mode.word().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not a mode: '%s' (expected enforce or observe)".formatted(text)));
  }

  private static HookSecrets hooks(YamlValue value) {
    List<String> keys = new ArrayList<>(List.of("secret"));
    for (HookVendor vendor : HookVendor.values()) {
      keys.add(vendor.word());
    }
    YamlProperties hooks = value.properties(keys.toArray(String[]::new));
    Map<HookVendor, String> own = new EnumMap<>(HookVendor.class);
    for (HookVendor vendor : HookVendor.values()) {
      hookSecret(hooks, vendor.word()).ifPresent(secret -> own.put(vendor, secret));
    }
    Optional<String> all = hookSecret(hooks, "secret");
    if (keys.stream().noneMatch(hooks::has)) {
      value.problem("has no secret, so nobody could be believed");
    }
    return new HookSecrets(all, own);
  }

  private static Optional<String> hookSecret(YamlProperties hooks, String key) {
    Optional<String> secret = hooks.find(key).flatMap(YamlValue::secret);
    if (secret.filter(String::isBlank).isPresent()) {
      hooks.find(key).ifPresent(empty -> empty.problem("is empty: everybody would know it"));
      return Optional.empty();
    }
    return secret;
  }

  private static Set<RegistryName> names(YamlProperties file) {
    Set<RegistryName> names = new HashSet<>();
    file.find("names")
        .ifPresent(
            list ->
                list.items().forEach(item -> item.parsed(RegistryName::new).ifPresent(names::add)));
    return names;
  }

  private static List<AccessRule> rules(YamlValue list) {
    List<AccessRule> rules = new ArrayList<>();
    for (YamlValue item : list.items()) {
      YamlProperties rule = item.properties("repositories", "read", "write");
      rules.add(
          new AccessRule(
              rule.require("repositories").flatMap(YamlValue::text).orElse(""),
              texts(rule, "read"),
              texts(rule, "write")));
    }
    return rules;
  }

  private static List<String> texts(YamlProperties owner, String key) {
    return owner
        .find(key)
        .map(list -> list.items().stream().flatMap(item -> item.text().stream()).toList())
        .orElse(List.of());
  }

  private static boolean flag(YamlProperties owner, String key, boolean otherwise) {
    return owner.find(key).flatMap(YamlValue::flag).orElse(otherwise);
  }

  /** Checks {@code host:port}; an empty host is every address. */
  static String address(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          "not an address: '%s' (expected host:port, for example 127.0.0.1:5000)".formatted(text));
    }
    if (Integer.parseInt(text.substring(colon + 1)) > 65535) {
      throw new IllegalArgumentException("not an address: '%s' (port above 65535)".formatted(text));
    }
    return text;
  }

  private static URI publicUrl(String text) {
    URI address;
    try {
      address = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not an address: '%s'".formatted(text), e);
    }
    String scheme = address.getScheme();
    boolean plain =
        address.getHost() != null
            && address.getRawUserInfo() == null
            && address.getRawQuery() == null
            && address.getRawFragment() == null
            && PUBLIC_PATH.matcher(address.getRawPath()).matches();
    if (!plain || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException(
          "not the address of a page: '%s' (expected http or https, a host and maybe a path, as https://cache.example.org/entrepot/)"
              .formatted(text));
    }
    return address;
  }

  private static String format(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!Set.of("none", "common", "json").contains(lower)) {
      throw new IllegalArgumentException(
          "not a log format: '%s' (expected none, common or json)".formatted(text));
    }
    return lower;
  }
}
