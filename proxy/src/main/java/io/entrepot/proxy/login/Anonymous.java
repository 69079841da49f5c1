package io.entrepot.proxy.login;

import org.jspecify.annotations.Nullable;

/**
 * What those may do who show no login.
 *
 * @param reading whether they may pull whatever no rule gives to others
 * @param pulls how often each address may pull, or null without a limit
 */
public record Anonymous(boolean reading, @Nullable PullRate pulls) {

  /** Nothing that the rules do not say, and that without a limit. */
  public static final Anonymous AS_RULED = new Anonymous(false, null);
}
