package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;

/**
 * Who is to be told who asks.
 *
 * @param origin where requests go
 * @param registry whose credentials are used there
 */
record Peer(Origin origin, RegistryName registry) {}
