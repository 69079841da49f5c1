/** Kubernetes objects out of charts, overlays and plain files, each with its origin. */
@NullMarked
package io.entrepot.render;

import org.jspecify.annotations.NullMarked;
