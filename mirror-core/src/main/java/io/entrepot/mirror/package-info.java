/**
 * Copying images between registries: plan first, as data, then run it.
 *
 * <p>Straight-line code on virtual threads; awaits the futures of the registry client.
 */
@NullMarked
package io.entrepot.mirror;

import org.jspecify.annotations.NullMarked;
