/**
 * Helm charts for a mirror: where they are published, their packages as OCI artifacts, and the
 * images that they start. Blocking: for virtual threads.
 */
@NullMarked
package io.entrepot.mirror.charts;

import org.jspecify.annotations.NullMarked;
