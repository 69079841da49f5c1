/** Mirrors that run inside the server: when, one at a time, and what came of each run. */
@NullMarked
package io.entrepot.proxy.schedule;

import org.jspecify.annotations.NullMarked;
