/**
 * Who may ask a registry for what: credentials and where they come from, challenges, tokens.
 *
 * <p>One rule runs through all of it: a credential belongs to an {@link
 * io.entrepot.registry.auth.Origin} and is sent nowhere else.
 */
@NullMarked
package io.entrepot.registry.auth;

import org.jspecify.annotations.NullMarked;
