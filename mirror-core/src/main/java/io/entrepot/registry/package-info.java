/**
 * One client for every registry: futures, safe on the event loop.
 *
 * <p>No method hands out a live response. A body goes into a sink inside the composition, because a
 * response awaited on another thread loses its body silently.
 */
@NullMarked
package io.entrepot.registry;

import org.jspecify.annotations.NullMarked;
