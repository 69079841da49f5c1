/** Signatures of the Notary Project, as JWS envelopes. */
@NullMarked
package io.entrepot.trust.notation;

import org.jspecify.annotations.NullMarked;
