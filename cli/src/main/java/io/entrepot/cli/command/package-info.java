/** The commands, one class each, and how their failures become exit codes. */
@NullMarked
package io.entrepot.cli.command;

import org.jspecify.annotations.NullMarked;
