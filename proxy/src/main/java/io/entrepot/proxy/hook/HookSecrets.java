package io.entrepot.proxy.hook;

import java.util.Map;
import java.util.Optional;

/**
 * By what the vendors prove who they are.
 *
 * @param all for those without one of their own
 * @param own by vendor
 */
public record HookSecrets(Optional<String> all, Map<HookVendor, String> own) {

  /** Copies the map. */
  public HookSecrets {
    own = Map.copyOf(own);
  }

  /** A vendor's secret; empty where it has none, and nothing of it is believed then. */
  Optional<String> of(HookVendor vendor) {
    return Optional.ofNullable(own.get(vendor)).or(() -> all);
  }

  @Override
  public String toString() {
    return "HookSecrets[of " + own.keySet() + "]";
  }
}
