package io.entrepot.registry.auth;

/**
 * What proves who asks.
 *
 * @param username the user, or empty for an identity token
 * @param secret the password, access token or identity token
 * @param identityToken whether {@code secret} is an OAuth 2 refresh token, as docker's
 *     configuration stores it
 */
public record Credentials(String username, Secret secret, boolean identityToken) {

  /** A user name with a password or access token. */
  public static Credentials basic(String username, String password) {
    return new Credentials(username, new Secret(password), false);
  }
}
