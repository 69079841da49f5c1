/** Answers: one class for each kind of address, and the only writer of error documents. */
@NullMarked
package io.entrepot.proxy.handler;

import org.jspecify.annotations.NullMarked;
