package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import java.net.URI;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One address at which the content of a registry is found.
 *
 * @param template where repositories lie: null as in the registry itself, otherwise a path in which
 *     {@code {flat}}, {@code {path}} or {@code {full}} stands for the repository (a path without
 *     any of them is a prefix)
 * @param capabilities what the endpoint is trusted with
 */
public record Endpoint(Origin origin, @Nullable String template, Set<Capability> capabilities) {

  private static final Set<Capability> ALL = Set.copyOf(EnumSet.allOf(Capability.class));

  /** Copies the set. */
  public Endpoint {
    capabilities = Set.copyOf(capabilities);
  }

  /** The registry itself, trusted with everything. */
  public static Endpoint of(Origin origin) {
    return new Endpoint(origin, null, ALL);
  }

  /**
   * Parses an address of the configuration: {@code https://host[:port][/path]}.
   *
   * @throws MalformedException for other schemes, user information, query or fragment
   */
  public static Endpoint parse(String text) {
    int path = text.indexOf('/', Math.max(0, text.indexOf("://") + 3));
    String base = path < 0 ? text : text.substring(0, path);
    String template = path < 0 ? "" : text.substring(path + 1).replaceAll("/+$", "");
    Origin origin;
    try {
      origin = Origin.of(URI.create(base));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(
          "not an endpoint: '%s' (expected https://host[:port][/path], or http:// for plain HTTP)"
              .formatted(text),
          e);
    }
    if (template.contains("?") || template.contains("#")) {
      throw new MalformedException("not an endpoint: '%s' (no query or fragment)".formatted(text));
    }
    if (template.isEmpty()) {
      return of(origin);
    }
    Endpoint endpoint = new Endpoint(origin, template, ALL);
    endpoint.repository(Repository.parse("docker.io/library/example"));
    return endpoint;
  }

  /** The repository's name at this endpoint. */
  public Repository repository(Repository wanted) {
    if (template == null && origin.equals(Origin.of(wanted.registry()))) {
      // Asked for every request: the name need not be checked again.
      return wanted;
    }
    if (template == null) {
      return new Repository(origin.registryName(), wanted.path());
    }
    String path = template;
    boolean placed = false;
    for (NamingRule rule : NamingRule.values()) {
      String placeholder = "{" + rule.name().toLowerCase(Locale.ROOT) + "}";
      placed |= path.contains(placeholder);
      path = path.replace(placeholder, rule.name(wanted));
    }
    return new Repository(origin.registryName(), placed ? path : path + "/" + wanted.path());
  }

  @Override
  public String toString() {
    return template == null ? origin.toString() : origin + "/" + template;
  }
}
