/** What a shell and {@code man} are told of the command line, made from its definition. */
@NullMarked
package io.entrepot.cli.shell;

import org.jspecify.annotations.NullMarked;
