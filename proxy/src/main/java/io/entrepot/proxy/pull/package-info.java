/** What comes from other registries: one fetch shared by all who ask. */
@NullMarked
package io.entrepot.proxy.pull;

import org.jspecify.annotations.NullMarked;
