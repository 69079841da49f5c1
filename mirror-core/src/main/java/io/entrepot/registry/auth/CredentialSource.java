package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import java.util.Optional;

/** Where credentials come from. May read files and start processes: never on an event loop. */
@FunctionalInterface
public interface CredentialSource {

  /** The credentials for a registry as a whole, if this source has any. */
  Optional<Credentials> find(RegistryName registry);

  /** The credentials for a registry and, where this source has such, for parts of it. */
  default Accounts accounts(RegistryName registry) {
    return Accounts.of(find(registry));
  }

  /** This source first, then {@code next}. */
  default CredentialSource or(CredentialSource next) {
    CredentialSource first = this;
    return new CredentialSource() {
      @Override
      public Optional<Credentials> find(RegistryName registry) {
        return first.find(registry).or(() -> next.find(registry));
      }

      @Override
      public Accounts accounts(RegistryName registry) {
        return first.accounts(registry).or(() -> next.accounts(registry));
      }
    };
  }
}
