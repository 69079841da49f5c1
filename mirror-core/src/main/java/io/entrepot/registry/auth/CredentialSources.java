package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The places where credentials are looked for. */
public final class CredentialSources {

  /** Nobody is known. */
  public static final CredentialSource NONE = registry -> Optional.empty();

  private CredentialSources() {}

  /**
   * The configuration; {@code $DOCKER_AUTH_CONFIG}, which holds a document as docker's file does;
   * docker's configuration ({@code $DOCKER_CONFIG/config.json}, {@code ~/.docker/config.json}) with
   * its credential helpers; the files of podman, skopeo and buildah as containers-auth.json(5) has
   * them: {@code $REGISTRY_AUTH_FILE} alone where it is set, else {@code
   * $XDG_RUNTIME_DIR/containers/auth.json} ({@code /run/containers/UID/auth.json} without that
   * variable), {@code $XDG_CONFIG_HOME/containers/auth.json} ({@code
   * ~/.config/containers/auth.json}) and {@code ~/.dockercfg}; {@code $GITHUB_TOKEN} for ghcr.io.
   * The first place that knows a repository wins. Nothing is read before somebody asks.
   *
   * @param environment the variables above, and {@code PATH} for the helpers
   * @param home the user's home directory
   * @param configured what the configuration states, by registry
   * @param warnings is told, in a sentence, what could not be used though nobody depends on it
   */
  public static CredentialSource standard(
      Map<String, String> environment,
      Path home,
      Map<RegistryName, Credentials> configured,
      Consumer<String> warnings) {
    Map<String, String> variables = Map.copyOf(environment);
    String docker = variables.getOrDefault("DOCKER_CONFIG", "");
    Path dockerFile =
        (docker.isEmpty() ? home.resolve(".docker") : Path.of(docker)).resolve("config.json");
    CredentialSource source = new ConfiguredCredentials(configured);
    String document = variables.getOrDefault("DOCKER_AUTH_CONFIG", "");
    if (!document.isBlank()) {
      source =
          source.or(
              DockerCredentials.inVariable("DOCKER_AUTH_CONFIG", document, variables, warnings));
    }
    source = source.or(new DockerCredentials(dockerFile, variables, warnings));
    for (Path file : podmanFiles(variables, home)) {
      source = source.or(new DockerCredentials(file, variables, warnings));
    }
    return source.or(new GithubToken(variables));
  }

  private static List<Path> podmanFiles(Map<String, String> variables, Path home) {
    String file = variables.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (!file.isEmpty()) {
      return List.of(Path.of(file));
    }
    List<Path> files = new ArrayList<>();
    String runtime = variables.getOrDefault("XDG_RUNTIME_DIR", "");
    if (runtime.isEmpty()) {
      userId().ifPresent(id -> files.add(Path.of("/run/containers", id, "auth.json")));
    } else {
      files.add(Path.of(runtime, "containers", "auth.json"));
    }
    String settings = variables.getOrDefault("XDG_CONFIG_HOME", "");
    Path directory = settings.isEmpty() ? home.resolve(".config") : Path.of(settings);
    files.add(directory.resolve("containers").resolve("auth.json"));
    files.add(home.resolve(DockerCredentials.OLD_FILE));
    return files;
  }

  /** Whose process this is, where the system has numbers for users. */
  private static Optional<String> userId() {
    try {
      return Optional.of(Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString());
    } catch (IOException | UnsupportedOperationException e) {
      // No such system: its tools write no such file.
      return Optional.empty();
    }
  }
}
