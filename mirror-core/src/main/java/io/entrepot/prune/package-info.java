/** Cleans a target: what nothing counted needs any more is removed, lists never broken. */
@NullMarked
package io.entrepot.prune;

import org.jspecify.annotations.NullMarked;
