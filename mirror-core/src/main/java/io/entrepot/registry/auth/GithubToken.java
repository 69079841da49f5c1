package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.util.Map;
import java.util.Optional;

/** The token that a GitHub workflow has for GitHub's own registry, and for no other. */
final class GithubToken implements CredentialSource {

  private static final RegistryName GHCR = new RegistryName("ghcr.io");

  private final Map<String, String> environment;

  GithubToken(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Optional<Credentials> find(RegistryName registry) {
    String token = environment.getOrDefault("GITHUB_TOKEN", "");
    if (!registry.equals(GHCR) || token.isEmpty()) {
      return Optional.empty();
    }
    String actor = environment.getOrDefault("GITHUB_ACTOR", "");
    String username = actor.isEmpty() ? "x-access-token" : actor;
    return Optional.of(Credentials.basic(username, token).from("the variable GITHUB_TOKEN"));
  }
}
