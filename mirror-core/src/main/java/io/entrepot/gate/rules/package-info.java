/**
 * The rules of {@code check}, one file each: what a rule is called, why it is there, how a finding
 * is mended, and how it is judged. {@link io.entrepot.gate.rules.AllRules} names them all.
 */
@NullMarked
package io.entrepot.gate.rules;

import org.jspecify.annotations.NullMarked;
