/**
 * Signatures by short-lived certificates: authorities and logs of a sigstore trusted root, and what
 * they prove.
 */
@NullMarked
package io.entrepot.trust.keyless;

import org.jspecify.annotations.NullMarked;
