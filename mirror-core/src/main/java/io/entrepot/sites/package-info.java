/**
 * Image sites: the places in YAML that name an image or a chart. They are found here; jobs judge or
 * rewrite them.
 */
@NullMarked
package io.entrepot.sites;

import org.jspecify.annotations.NullMarked;
