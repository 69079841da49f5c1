/** Addresses of the distribution specification as values. */
@NullMarked
package io.entrepot.proxy.route;

import org.jspecify.annotations.NullMarked;
