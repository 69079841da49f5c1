/** Who asks: users by name, and programs by the token of an issuer. */
@NullMarked
package io.entrepot.proxy.login;

import org.jspecify.annotations.NullMarked;
