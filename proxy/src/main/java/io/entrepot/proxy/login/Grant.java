package io.entrepot.proxy.login;

import io.entrepot.text.Glob;
import java.util.Map;
import java.util.Set;

/**
 * What tokens with certain claims may do.
 *
 * @param claims patterns by the path of a claim; all have to fit
 * @param repositories a pattern in which {@code *} stands for any characters
 */
public record Grant(Map<String, Glob> claims, Glob repositories, Set<Right> rights) {

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException without claims or rights
   */
  public Grant {
    claims = Map.copyOf(claims);
    rights = Set.copyOf(rights);
    if (claims.isEmpty() || rights.isEmpty()) {
      throw new IllegalArgumentException("a grant needs claims and rights");
    }
  }

  boolean allows(Right right, String repository) {
    return rights.contains(right) && repositories.matches(repository);
  }
}
