/**
 * The values of the OCI world: references, digests, descriptors, platforms, manifests. No I/O here.
 *
 * <p>Every type is immutable and validates in its constructor, so that what a method receives
 * cannot be malformed.
 */
@NullMarked
package io.entrepot.oci;

import org.jspecify.annotations.NullMarked;
