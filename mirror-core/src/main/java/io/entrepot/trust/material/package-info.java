/**
 * What signatures are made of: keys, certificates, strict JSON and signed envelopes. No requests,
 * no policy.
 */
@NullMarked
package io.entrepot.trust.material;

import org.jspecify.annotations.NullMarked;
