package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.List;
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

  /**
   * Asks for a token: by GET, or by POST where the credentials are an identity token.
   *
   * @param service what the challenge called itself, or empty
   * @param scopes a parameter each
   */
  static TokenRequest of(
      URI realm, String service, List<String> scopes, Optional<Credentials> credentials) {
    return credentials
        .filter(Credentials::identityToken)
        .map(identity -> refresh(realm, service, scopes, identity))
        .orElseGet(() -> ask(realm, service, scopes, credentials));
  }

  private static TokenRequest refresh(
      URI realm, String service, List<String> scopes, Credentials identity) {
    StringBuilder form = new StringBuilder();
    append(form, "grant_type", "refresh_token");
    append(form, "service", service);
    append(form, "client_id", "entrepot");
    if (!scopes.isEmpty()) {
      append(form, "scope", String.join(" ", scopes));
    }
    append(form, "refresh_token", identity.secret().reveal());
    return new TokenRequest(
        Origin.of(realm),
        withoutFragment(realm, ""),
        Optional.empty(),
        Optional.of(new Secret(form.toString())));
  }

  private static TokenRequest ask(
      URI realm, String service, List<String> scopes, Optional<Credentials> credentials) {
    StringBuilder query = new StringBuilder();
    if (!service.isEmpty()) {
      append(query, "service", service);
    }
    scopes.forEach(scope -> append(query, "scope", scope));
    credentials.ifPresent(known -> append(query, "account", known.username()));
    return new TokenRequest(
        Origin.of(realm),
        withoutFragment(realm, query.toString()),
        credentials.map(Credentials::basicHeader),
        Optional.empty());
  }

  /** The realm's address with more in its query, and without a fragment. */
  private static URI withoutFragment(URI realm, String query) {
    String text = realm.toString();
    int fragment = text.indexOf('#');
    String address = fragment < 0 ? text : text.substring(0, fragment);
    if (query.isEmpty()) {
      return URI.create(address);
    }
    String separator = realm.getRawQuery() == null ? "?" : realm.getRawQuery().isEmpty() ? "" : "&";
    return URI.create(address + separator + query);
  }

  private static void append(StringBuilder query, String name, String value) {
    query.append(query.isEmpty() ? "" : "&").append(name).append('=');
    query.append(URLEncoder.encode(value, UTF_8).replace("+", "%20"));
  }

  /** {@code GET} or {@code POST}. */
  public String method() {
    return form.isPresent() ? "POST" : "GET";
  }
}
