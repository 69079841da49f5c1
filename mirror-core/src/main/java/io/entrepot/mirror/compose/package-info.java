/**
 * Images that are composed here: a base, and one layer of files on it. Everything that decides
 * about bytes is a function of its inputs, so that the same inputs give the same bytes.
 */
@NullMarked
package io.entrepot.mirror.compose;

import org.jspecify.annotations.NullMarked;
