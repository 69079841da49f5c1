package io.entrepot.registry.auth;

import java.net.URI;
import java.util.Optional;

/**
 * One request to a token realm (distribution, "Token Authentication Specification" and "Oauth2
 * Token Authentication").
 *
 * @param origin where it goes, and nowhere else: a redirect is not followed
 * @param uri the address, with the query to be sent as it is
 * @param authorization the {@code Authorization} header of a GET, if any
 * @param form the body of a POST as {@code application/x-www-form-urlencoded}; absent for a GET
 */
public record TokenRequest(
    Origin origin, URI uri, Optional<Secret> authorization, Optional<Secret> form) {

  /** {@code GET} or {@code POST}. */
  public String method() {
    return form.isPresent() ? "POST" : "GET";
  }
}
