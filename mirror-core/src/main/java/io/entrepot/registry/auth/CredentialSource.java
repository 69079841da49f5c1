package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.util.Optional;

/** Where credentials come from. May read files and start processes: never on an event loop. */
@FunctionalInterface
public interface CredentialSource {

  /** The credentials for a registry, if this source has any. */
  Optional<Credentials> find(RegistryName registry);

  /** This source first, then {@code next}. */
  default CredentialSource or(CredentialSource next) {
    return registry -> find(registry).or(() -> next.find(registry));
  }
}
