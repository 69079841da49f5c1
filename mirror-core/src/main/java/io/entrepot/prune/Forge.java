package io.entrepot.prune;

import io.entrepot.registry.auth.Secret;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;

/**
 * Where GitHub is asked about packages.
 *
 * @param api the address of its REST API, without a slash at its end
 * @param token of somebody who may administrate the packages
 * @param clock against which times to wait are measured
 */
public record Forge(URI api, Optional<Secret> token, Clock clock) {}
