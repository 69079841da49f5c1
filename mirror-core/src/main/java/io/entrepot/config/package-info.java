/**
 * Files into immutable specs, strictly: every mistake is reported with its file, line and property,
 * all of one file together.
 */
@NullMarked
package io.entrepot.config;

import org.jspecify.annotations.NullMarked;
