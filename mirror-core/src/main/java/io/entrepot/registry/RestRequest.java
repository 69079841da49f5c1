package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Secret;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A question to something that is no registry, such as the API of a forge.
 *
 * @param registry whose extra trust applies
 * @param method of HTTP
 * @param authorization the value of the header, sent to this address alone; or null
 */
public record RestRequest(
    RegistryName registry, String method, URI address, @Nullable Secret authorization) {}
