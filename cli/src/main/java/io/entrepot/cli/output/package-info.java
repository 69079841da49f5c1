/** What people and programs read: text, JSON, progress, the reports of a CI job. */
@NullMarked
package io.entrepot.cli.output;

import org.jspecify.annotations.NullMarked;
