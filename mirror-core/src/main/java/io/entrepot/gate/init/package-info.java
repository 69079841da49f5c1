/** A first {@code mirror.yaml} and {@code check.yaml} out of what a tree and clusters run. */
@NullMarked
package io.entrepot.gate.init;

import org.jspecify.annotations.NullMarked;
