package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/**
 * What proves who asks.
 *
 * @param username the user, or empty for an identity token
 * @param secret the password, access token or identity token
 * @param identityToken whether {@code secret} is an OAuth 2 refresh token, as docker's
 *     configuration stores it
 * @param source where they were found, for messages: a file, a helper, a variable
 */
public record Credentials(String username, Secret secret, boolean identityToken, String source) {

  /** Credentials stated in the configuration. */
  public Credentials(String username, Secret secret, boolean identityToken) {
    this(username, secret, identityToken, "the configuration");
  }

  /** A user name with a password or access token. */
  public static Credentials basic(String username, String password) {
    return new Credentials(username, new Secret(password), false);
  }

  /** A refresh token that is exchanged for access tokens. */
  public static Credentials identityToken(String token) {
    return new Credentials("", new Secret(token), true);
  }

  /** The same, found somewhere else. */
  public Credentials from(String source) {
    return new Credentials(username, secret, identityToken, source);
  }

  /** The {@code Authorization} header of Basic authentication (RFC 7617). */
  Secret basicHeader() {
    String pair = username + ":" + secret.reveal();
    return new Secret("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  /** Who it is and where that was found, without the secret. */
  String description() {
    return (identityToken ? "an identity token" : "user '" + username + "'") + " from " + source;
  }
}
