/**
 * The ways in which people write images, a file each. {@link io.entrepot.sites.format.ImageSites}
 * holds the list of them; formats never call each other.
 */
@NullMarked
package io.entrepot.sites.format;

import org.jspecify.annotations.NullMarked;
