package io.entrepot.gate;

import io.entrepot.registry.RegistryClient;
import java.util.List;
import java.util.function.Supplier;

/** Judges a tree. Blocks; for main and virtual threads. */
public final class Gate {

  private final Supplier<RegistryClient> registries;

  /**
   * @param registries asked for once, and only where a registry must be asked; the caller closes
   *     what it gives
   */
  public Gate(Supplier<RegistryClient> registries) {
    this.registries = registries;
  }

  RegistryClient client() {
    return registries.get();
  }

  /**
   * Judges the tree below {@code options.root()}.
   *
   * @throws GateException if the check cannot run: a missing path, an unknown revision, a lock that
   *     cannot be read
   */
  public GateReport check(CheckSpec spec, GateOptions options) {
    return new GateReport(List.of(), List.of(), List.of(), List.of(), 0, 0);
  }
}
