/**
 * What may run: {@code policy.yaml} and the judgement of one digest by it. Everybody who lets
 * content through asks the same object; nobody else decides.
 */
@NullMarked
package io.entrepot.policy;

import org.jspecify.annotations.NullMarked;
