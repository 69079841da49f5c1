/** The command line: parsing, progress, output; the only place that prints. */
@NullMarked
package io.entrepot.cli;

import org.jspecify.annotations.NullMarked;
