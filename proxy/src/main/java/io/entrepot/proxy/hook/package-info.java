/** What upstreams call when something changed: whose word it is, and which image it names. */
@NullMarked
package io.entrepot.proxy.hook;

import org.jspecify.annotations.NullMarked;
