package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.util.Map;
import java.util.Optional;

/** Credentials that the configuration states, by registry. */
public final class ConfiguredCredentials implements CredentialSource {

  private final Map<RegistryName, Credentials> byRegistry;

  /** Copies the map. */
  public ConfiguredCredentials(Map<RegistryName, Credentials> byRegistry) {
    this.byRegistry = Map.copyOf(byRegistry);
  }

  @Override
  public Optional<Credentials> find(RegistryName registry) {
    return Optional.ofNullable(byRegistry.get(registry));
  }
}
