/**
 * Content on disk: files named by their digest, and which repository knows which of them.
 *
 * <p>Everything here blocks and is called off the event loop, save what says that it only looks at
 * memory. Nothing is visible under a digest that was not computed here, and what was acknowledged
 * survives a crash.
 */
@NullMarked
package io.entrepot.store;

import org.jspecify.annotations.NullMarked;
