package io.entrepot.registry.auth;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which token realms a registry may send its clients to. */
final class RealmPolicy {

  /** Registries whose operators document a token realm on another host. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "https://registry-1.docker.io", "https://auth.docker.io",
          "https://registry.gitlab.com", "https://gitlab.com",
          "https://nvcr.io", "https://authn.nvidia.com");

  private final Function<RegistryName, Set<Origin>> configured;

  RealmPolicy(Function<RegistryName, Set<Origin>> configured) {
    this.configured = configured;
  }

  /**
   * The realm's address, if that realm may be asked.
   *
   * @throws AuthException if it may not, also for those who would ask without credentials: the
   *     address is chosen by the registry, and asking is a request from inside our network
   */
  URI trusted(Origin origin, RegistryName registry, String realm) {
    URI uri;
    Origin target;
    try {
      uri = new URI(realm);
      target = Origin.of(uri);
    } catch (URISyntaxException | MalformedException malformed) {
      throw refused(
          "registry %s names a token realm that is no plain http or https address (%s)"
              .formatted(
                  origin,
                  malformed instanceof MalformedException
                      ? malformed.getMessage()
                      : "malformed address"),
          null);
    }
    if (target.equals(origin)) {
      return uri;
    }
    if (origin.isSecure() && !target.isSecure()) {
      throw refused(
          "registry %s names the token realm %s, which is not encrypted while the registry is"
              .formatted(origin, target),
          null);
    }
    if (target.toString().equals(KNOWN.get(origin.toString()))
        || configured.apply(registry).contains(target)) {
      return uri;
    }
    String remedy = "registries: %s: tokenRealms: [%s]".formatted(registry, target);
    throw refused(
        "registry %s names the token realm %s, another origin that is not trusted with its tokens; if it is right, configure `%s`"
            .formatted(origin, target, remedy),
        "configure `" + remedy + "` if this realm belongs to the registry");
  }

  private static AuthException refused(String message, @Nullable String remedy) {
    return new AuthException(AuthException.Reason.REALM_REFUSED, 0, message, remedy);
  }
}
