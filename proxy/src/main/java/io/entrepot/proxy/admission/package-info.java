/** What the server gives: the policy's decision about every manifest and blob, by whatever way. */
@NullMarked
package io.entrepot.proxy.admission;

import org.jspecify.annotations.NullMarked;
