/** The registry that clusters talk to. */
@NullMarked
package io.entrepot.proxy;

import org.jspecify.annotations.NullMarked;
