/** A local certificate authority that may vouch for local names only, and where clients read it. */
@NullMarked
package io.entrepot.ca;

import org.jspecify.annotations.NullMarked;
