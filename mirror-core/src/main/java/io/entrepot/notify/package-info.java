/** Tells people and programs what changed: events, the messages they become, and their delivery. */
@NullMarked
package io.entrepot.notify;

import org.jspecify.annotations.NullMarked;
