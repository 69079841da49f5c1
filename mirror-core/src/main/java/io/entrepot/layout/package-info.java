/**
 * OCI image layouts (image-spec 1.1, image-layout.md) as directories and as tar archives: read with
 * suspicion, written so that other programs read them.
 */
@NullMarked
package io.entrepot.layout;

import org.jspecify.annotations.NullMarked;
