/** What is pushed here. */
@NullMarked
package io.entrepot.proxy.local;

import org.jspecify.annotations.NullMarked;
