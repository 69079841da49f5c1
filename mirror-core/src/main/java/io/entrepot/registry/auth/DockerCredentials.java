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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file in the format of docker's {@code config.json}, which podman and skopeo share: {@code
 * credHelpers}, then {@code credsStore}, then {@code auths}.
 */
final class DockerCredentials implements CredentialSource {

  private static final int MAX_FILE = 1024 * 1024;

  /** What {@code docker login} files Docker Hub under, and what its helpers are asked for. */
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  private final Path file;
  private final Map<String, String> environment;
  private final Consumer<String> warnings;
  private final AtomicBoolean warned = new AtomicBoolean();

  DockerCredentials(Path file, Map<String, String> environment, Consumer<String> warnings) {
    this.file = file;
    this.environment = environment;
    this.warnings = warnings;
  }

  @Override
  public Optional<Credentials> find(RegistryName registry) {
    Optional<JsonNode> read = read();
    if (read.isEmpty()) {
      return Optional.empty();
    }
    JsonNode config = read.get();
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
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE + 1);
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw unavailable(
          "%s cannot be read (%s)".formatted(file, failure.getClass().getSimpleName()));
    }
    if (bytes.length > MAX_FILE) {
      throw unavailable(file + " is larger than 1 MiB");
    }
    try {
      return Optional.of(JsonMapper.shared().readTree(bytes)).filter(JsonNode::isObject);
    } catch (JacksonException malformed) {
      // Not its message: that may quote a secret.
      throw unavailable(
          "%s is not JSON (line %d)"
              .formatted(
                  file, malformed.getLocation() == null ? 0 : malformed.getLocation().getLineNr()));
    }
  }

  private static Optional<JsonNode> entry(JsonNode map, RegistryName registry) {
    return map.propertyStream()
        .filter(property -> names(property.getKey(), registry))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /**
   * Whether a key is this registry: its name, or an address of it as older clients wrote. A key
   * with a repository in it, as podman allows, is for that repository only and is not used.
   */
  private static boolean names(String key, RegistryName registry) {
    String host = key.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
    host = host.replaceFirst("/(?:v1/?|v2/?)?$", "");
    try {
      return new RegistryName(host).equals(registry);
    } catch (MalformedException otherwise) {
      return false;
    }
  }

  private static boolean hasSecret(JsonNode auth) {
    return !text(auth.path("auth")).isEmpty()
        || !text(auth.path("identitytoken")).isEmpty()
        || !text(auth.path("password")).isEmpty();
  }

  private Optional<Credentials> fromEntry(JsonNode auth, RegistryName registry) {
    if (hasSecret(auth) && !warned.getAndSet(true)) {
      SecretFile.warning(file, "passwords of registries").ifPresent(warnings);
    }
    String identity = text(auth.path("identitytoken"));
    if (!identity.isEmpty()) {
      return Optional.of(Credentials.identityToken(identity).from(file.toString()));
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
                .formatted(file, registry));
      }
      username = pair.substring(0, colon);
      password = pair.substring(colon + 1);
    }
    return password.isEmpty()
        ? Optional.empty()
        : Optional.of(Credentials.basic(username, password).from(file.toString()));
  }

  /**
   * @param needed whether the file says that this registry's credentials are in the helper; else it
   *     is asked for any registry, and its absence is no more than a warning
   */
  private Optional<Credentials> fromHelper(String suffix, RegistryName registry, boolean needed) {
    String name = "docker-credential-" + suffix;
    Optional<Path> program = suffix.matches("[A-Za-z0-9._-]+") ? onPath(name) : Optional.empty();
    if (program.isEmpty()) {
      String message = "credential helper %s, named in %s, is not on PATH".formatted(name, file);
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
              .formatted(name, file, registry));
    }
    return Optional.empty();
  }

  private Optional<Credentials> ask(
      String name, Path program, String server, RegistryName registry) {
    CredentialHelper helper = new CredentialHelper(program, environment, CredentialHelper.PATIENCE);
    try {
      return helper
          .find(server)
          .map(found -> found.from("credential helper %s (%s)".formatted(name, file)));
    } catch (IOException failure) {
      throw failed(name, registry, String.valueOf(failure.getMessage()));
    }
  }

  private AuthException failed(String name, RegistryName registry, String why) {
    return unavailable(
        "credential helper %s, named in %s, failed for %s: %s; try `echo %s | %s get`"
            .formatted(name, file, registry, why, registry, name));
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
