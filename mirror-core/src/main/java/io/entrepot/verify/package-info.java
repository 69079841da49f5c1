/**
 * Whether every required platform of an image is really there: index entry, child manifest,
 * configuration, and by request the program itself.
 *
 * <p>Blocking: for virtual threads, never the event loop.
 */
@NullMarked
package io.entrepot.verify;

import org.jspecify.annotations.NullMarked;
