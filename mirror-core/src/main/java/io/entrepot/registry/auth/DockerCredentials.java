package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A document in the format of docker's {@code config.json}, which podman and skopeo share: {@code
 * credHelpers}, then {@code credsStore}, then {@code auths}. A key of {@code auths} may be a
 * namespace of a registry, as podman writes it.
 */
final class DockerCredentials implements CredentialSource {

  private static final int MAX_FILE = 1024 * 1024;

  /** What {@code docker login} files Docker Hub under, and what its helpers are asked for. */
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  /** Docker's file before there were other keys than registries in it. */
  static final String OLD_FILE = ".dockercfg";

  /** The file's path, or the variable that holds the document, for messages. */
  private final String place;

  private final @Nullable Path file;
  private final byte[] document;
  private final Map<String, String> environment;
  private final Consumer<String> warnings;
  private final AtomicBoolean warned = new AtomicBoolean();

  DockerCredentials(Path file, Map<String, String> environment, Consumer<String> warnings) {
    this(file.toString(), file, new byte[0], environment, warnings);
  }

  private DockerCredentials(
      String place,
      @Nullable Path file,
      byte[] document,
      Map<String, String> environment,
      Consumer<String> warnings) {
    this.place = place;
    this.file = file;
    this.document = document;
    this.environment = environment;
    this.warnings = warnings;
  }

  /** The document that a variable holds. */
  static DockerCredentials inVariable(
      String name, String document, Map<String, String> environment, Consumer<String> warnings) {
    return new DockerCredentials(
        "the variable " + name, null, document.getBytes(UTF_8), environment, warnings);
  }

  @Override
  public Optional<Credentials> find(RegistryName registry) {
    return read().flatMap(config -> find(config, registry));
  }

  @Override
  public Accounts accounts(RegistryName registry) {
    Optional<JsonNode> read = read();
    if (read.isEmpty()) {
      return Accounts.NONE;
    }
    Map<String, Credentials> byNamespace = new HashMap<>();
    read.get()
        .path("auths")
        .propertyStream()
        .forEach(
            property ->
                Key.parse(property.getKey())
                    .filter(key -> key.registry.equals(registry) && !key.namespace.isEmpty())
                    .flatMap(key -> fromEntry(property.getValue(), registry))
                    .ifPresent(
                        known ->
                            byNamespace.put(
                                Key.parse(property.getKey()).orElseThrow().namespace, known)));
    find(read.get(), registry).ifPresent(known -> byNamespace.put("", known));
    return Accounts.of(byNamespace);
  }

  private Optional<Credentials> find(JsonNode config, RegistryName registry) {
    Optional<JsonNode> stored = entry(config.path("auths"), registry);
    Optional<String> own = entry(config.path("credHelpers"), registry).map(DockerCredentials::text);
    String store = text(config.path("credsStore"));
    Optional<Credentials> credentials = Optional.empty();
    if (own.isPresent()) {
      credentials = fromHelper(own.get(), registry, true);
    } else if (!store.isEmpty()) {
      credentials = fromHelper(store, registry, stored.isPresent() && !hasSecret(stored.get()));
    }
    return credentials.or(() -> stored.flatMap(auth -> fromEntry(auth, registry)));
  }

  private Optional<JsonNode> read() {
    byte[] bytes = document;
    if (file != null) {
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_FILE + 1);
      } catch (NoSuchFileException absent) {
        return Optional.empty();
      } catch (IOException failure) {
        throw unavailable(
            "%s cannot be read (%s)".formatted(place, failure.getClass().getSimpleName()));
      }
    }
    if (bytes.length > MAX_FILE) {
      throw unavailable(place + " is larger than 1 MiB");
    }
    try {
      return Optional.of(JsonMapper.shared().readTree(bytes))
          .filter(JsonNode::isObject)
          .map(this::asConfig);
    } catch (JacksonException malformed) {
      // Not its message: that may quote a secret.
      throw unavailable(
          "%s is not JSON (line %d)"
              .formatted(
                  place,
                  malformed.getLocation() == null ? 0 : malformed.getLocation().getLineNr()));
    }
  }

  private JsonNode asConfig(JsonNode root) {
    boolean old = file != null && file.endsWith(OLD_FILE);
    return old ? JsonMapper.shared().createObjectNode().set("auths", root) : root;
  }

  private static Optional<JsonNode> entry(JsonNode map, RegistryName registry) {
    return map.propertyStream()
        .filter(
            property ->
                Key.parse(property.getKey())
                    .filter(key -> key.registry.equals(registry) && key.namespace.isEmpty())
                    .isPresent())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /**
   * What a key names: a registry, by its name or by an address of it as older clients wrote, or a
   * namespace of a registry.
   */
  private record Key(RegistryName registry, String namespace) {

    static Optional<Key> parse(String text) {
      String bare = text.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
      int slash = bare.indexOf('/');
      String host = slash < 0 ? bare : bare.substring(0, slash);
      String rest = slash < 0 ? "" : bare.substring(slash + 1).replaceFirst("/$", "");
      try {
        return Optional.of(new Key(new RegistryName(host), rest.matches("v[12]") ? "" : rest));
      } catch (MalformedException otherwise) {
        return Optional.empty();
      }
    }
  }

  private static boolean hasSecret(JsonNode auth) {
    return !text(auth.path("auth")).isEmpty()
        || !text(auth.path("identitytoken")).isEmpty()
        || !text(auth.path("password")).isEmpty();
  }

  private Optional<Credentials> fromEntry(JsonNode auth, RegistryName registry) {
    if (hasSecret(auth) && !warned.getAndSet(true)) {
      Optional.ofNullable(file)
          .flatMap(readable -> SecretFile.warning(readable, "passwords of registries"))
          .ifPresent(warnings);
    }
    String identity = text(auth.path("identitytoken"));
    if (!identity.isEmpty()) {
      return Optional.of(Credentials.identityToken(identity).from(place));
    }
    String username = text(auth.path("username"));
    String password = text(auth.path("password"));
    String encoded = text(auth.path("auth"));
    if (!encoded.isEmpty()) {
      String pair;
      try {
        pair = new String(Base64.getDecoder().decode(encoded), UTF_8);
      } catch (IllegalArgumentException malformed) {
        pair = "";
      }
      int colon = pair.indexOf(':');
      if (colon < 1) {
        throw unavailable(
            "%s: auth of %s is not base64 of a user name, a colon and a password"
                .formatted(place, registry));
      }
      username = pair.substring(0, colon);
      password = pair.substring(colon + 1);
    }
    return password.isEmpty()
        ? Optional.empty()
        : Optional.of(Credentials.basic(username, password).from(place));
  }

  /**
   * @param needed whether the file says that this registry's credentials are in the helper; else it
   *     is asked for any registry, and its absence is no more than a warning
   */
  private Optional<Credentials> fromHelper(String suffix, RegistryName registry, boolean needed) {
    String name = "docker-credential-" + suffix;
    Optional<Path> program = suffix.matches("[A-Za-z0-9._-]+") ? onPath(name) : Optional.empty();
    if (program.isEmpty()) {
      String message = "credential helper %s, named in %s, is not on PATH".formatted(name, place);
      if (needed) {
        throw unavailable("%s; it has the credentials for %s".formatted(message, registry));
      }
      warnings.accept("%s; %s is used without credentials from it".formatted(message, registry));
      return Optional.empty();
    }
    List<String> servers =
        registry.equals(RegistryName.DOCKER_HUB)
            ? List.of(DOCKER_HUB_KEY, registry.value())
            : List.of(registry.value());
    for (String server : servers) {
      Optional<Credentials> credentials = ask(name, program.get(), server, registry);
      if (credentials.isPresent()) {
        return credentials;
      }
    }
    if (needed) {
      warnings.accept(
          "credential helper %s, named in %s, has no credentials for %s"
              .formatted(name, place, registry));
    }
    return Optional.empty();
  }

  private Optional<Credentials> ask(
      String name, Path program, String server, RegistryName registry) {
    CredentialHelper helper = new CredentialHelper(program, environment, CredentialHelper.PATIENCE);
    try {
      return helper
          .find(server)
          .map(found -> found.from("credential helper %s (%s)".formatted(name, place)));
    } catch (IOException failure) {
      throw failed(name, registry, String.valueOf(failure.getMessage()));
    }
  }

  private AuthException failed(String name, RegistryName registry, String why) {
    return unavailable(
        "credential helper %s, named in %s, failed for %s: %s; try `echo %s | %s get`"
            .formatted(name, place, registry, why, registry, name));
  }

  private Optional<Path> onPath(String name) {
    String path = environment.getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      for (String extension : List.of("", ".exe", ".cmd")) {
        Path program = Path.of(directory, name + extension);
        if (!directory.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
          return Optional.of(program.toAbsolutePath());
        }
      }
    }
    return Optional.empty();
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : "";
  }

  private static AuthException unavailable(String message) {
    return new AuthException(
        AuthException.Reason.CREDENTIALS_UNAVAILABLE,
        0,
        message,
        "repair it, or state the credentials in the configuration");
  }
}
