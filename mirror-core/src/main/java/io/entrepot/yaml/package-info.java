/**
 * YAML with positions: strict reading of configuration documents, and the places of scalars in text
 * that is edited.
 */
@NullMarked
package io.entrepot.yaml;

import org.jspecify.annotations.NullMarked;
