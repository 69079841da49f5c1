package io.entrepot.mirror;

import io.entrepot.oci.RegistryName;

/** The pulls set aside for one image, corrected as soon as more is known of it. */
final class PullAllotment implements AutoCloseable {

  private final PullBudget budget;
  private final RegistryName registry;
  private int reserved;
  private int spent;

  PullAllotment(PullBudget budget, RegistryName registry, int reserved) {
    this.budget = budget;
    this.registry = registry;
    this.reserved = reserved;
  }

  /**
   * So many pulls are about to be made.
   *
   * @throws Stopped where they cannot be had
   */
  synchronized void require(int pulls) {
    int missing = spent + pulls - reserved;
    if (budget.isExhausted(registry) || (missing > 0 && !budget.reserve(registry, missing))) {
      throw Stopped.postponed(budget.shortage(registry, pulls));
    }
    reserved += Math.max(0, missing);
  }

  synchronized void spend() {
    spent++;
    budget.spend(registry);
  }

  /** What was not needed goes back. */
  @Override
  public synchronized void close() {
    if (reserved > spent) {
      budget.release(registry, reserved - spent);
      reserved = spent;
    }
  }
}
