package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The places where credentials are looked for. */
public final class CredentialSources {

  /** Nobody is known. */
  public static final CredentialSource NONE = registry -> Optional.empty();

  private CredentialSources() {}

  /**
   * The configuration; docker's configuration ({@code $DOCKER_CONFIG/config.json}, {@code
   * ~/.docker/config.json}) with its credential helpers; podman's and skopeo's file ({@code
   * $REGISTRY_AUTH_FILE}, {@code $XDG_RUNTIME_DIR/containers/auth.json}, {@code
   * ~/.config/containers/auth.json}); {@code $GITHUB_TOKEN} for ghcr.io. The first that knows a
   * registry wins. Nothing is read before somebody asks.
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
    return new ConfiguredCredentials(configured)
        .or(new DockerCredentials(dockerFile, variables, warnings))
        .or(new DockerCredentials(podmanFile(variables, home), variables, warnings))
        .or(new GithubToken(variables));
  }

  private static Path podmanFile(Map<String, String> variables, Path home) {
    String file = variables.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (!file.isEmpty()) {
      return Path.of(file);
    }
    String runtime = variables.getOrDefault("XDG_RUNTIME_DIR", "");
    Path directory = runtime.isEmpty() ? home.resolve(".config") : Path.of(runtime);
    return directory.resolve("containers").resolve("auth.json");
  }
}
