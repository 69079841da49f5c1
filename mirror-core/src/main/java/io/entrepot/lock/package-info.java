/** {@code images.lock.yaml}: what was copied, from where to where, by which digest. */
@NullMarked
package io.entrepot.lock;

import org.jspecify.annotations.NullMarked;
