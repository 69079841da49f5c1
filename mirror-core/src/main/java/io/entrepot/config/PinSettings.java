package io.entrepot.config;

import io.entrepot.oci.RegistryName;
import io.entrepot.pin.PinRules;
import io.entrepot.registry.Upstream;
import java.nio.file.Path;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@code pin.yaml}.
 *
 * @param lock where the lock file is, or null where the file does not say
 * @param registries those that are configured
 */
public record PinSettings(
    PinRules rules, @Nullable Path lock, SortedMap<RegistryName, Upstream> registries) {}
