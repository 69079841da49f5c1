/** What clusters run, read from lists of pods. */
@NullMarked
package io.entrepot.pods;

import org.jspecify.annotations.NullMarked;
