/** What runs, what git says, what the lock holds and what registries have, joined. */
@NullMarked
package io.entrepot.gate.inventory;

import org.jspecify.annotations.NullMarked;
