/** The page: what {@code io.entrepot.proxy.page} found, in words and templates. */
@NullMarked
package io.entrepot.proxy.page.html;

import org.jspecify.annotations.NullMarked;
