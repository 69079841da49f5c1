/**
 * Image sites in GitOps files, and their rewriting by digest.
 *
 * <p>A site is found by its layout, never by text search alone; what is written is a handful of
 * scalars. Whatever is not understood is named and left.
 */
@NullMarked
package io.entrepot.pin;

import org.jspecify.annotations.NullMarked;
