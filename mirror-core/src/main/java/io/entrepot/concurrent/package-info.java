/** Asking once for all who wait, and the same work for many at once. */
@NullMarked
package io.entrepot.concurrent;

import org.jspecify.annotations.NullMarked;
