/**
 * What the page and {@code /api/v1} show: values that are looked up once and written as JSON or
 * HTML.
 */
@NullMarked
package io.entrepot.proxy.page;

import org.jspecify.annotations.NullMarked;
