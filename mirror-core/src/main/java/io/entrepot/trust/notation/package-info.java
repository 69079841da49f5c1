/** Signatures of the Notary Project, as JWS and COSE envelopes. */
@NullMarked
package io.entrepot.trust.notation;

import org.jspecify.annotations.NullMarked;
