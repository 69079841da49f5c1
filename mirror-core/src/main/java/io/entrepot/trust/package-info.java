/**
 * Signatures and attestations of images: what is attached to a digest, who made it, and whether
 * that is proved.
 */
@NullMarked
package io.entrepot.trust;

import org.jspecify.annotations.NullMarked;
