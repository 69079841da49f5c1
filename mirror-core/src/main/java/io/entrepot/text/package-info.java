/** Words that every job uses: wildcards, positions in files, what somebody probably meant. */
@NullMarked
package io.entrepot.text;

import org.jspecify.annotations.NullMarked;
