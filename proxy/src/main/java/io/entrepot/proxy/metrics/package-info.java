/** Numbers for Prometheus. */
@NullMarked
package io.entrepot.proxy.metrics;

import org.jspecify.annotations.NullMarked;
