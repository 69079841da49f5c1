/** The rules of {@code check}: what a change may not bring into a GitOps tree. */
@NullMarked
package io.entrepot.gate;

import org.jspecify.annotations.NullMarked;
