package io.entrepot.gate.inventory;

import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.GateOptions;
import io.entrepot.lock.LockFile;
import io.entrepot.policy.Policy;
import java.time.Clock;
import java.util.Optional;

/**
 * What is joined.
 *
 * @param spec the targets and what is deployed to them
 * @param options how the tree is rendered, and what clusters run
 * @param policy what may run; empty where there is none
 * @param clock says as of when the policy judges
 */
public record InventoryRequest(
    CheckSpec spec,
    GateOptions options,
    Optional<LockFile> lock,
    Optional<Policy> policy,
    Clock clock) {}
