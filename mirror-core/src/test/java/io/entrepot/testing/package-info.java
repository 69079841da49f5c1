/**
 * What tests of every module are built on: a registry with switches and faults, and images as
 * bytes.
 */
@NullMarked
package io.entrepot.testing;

import org.jspecify.annotations.NullMarked;
