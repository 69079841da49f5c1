package io.entrepot.proxy.login;

import java.util.List;

/** Somebody who proved who it is. */
public sealed interface Visitor {

  /** The name for people and the access log. */
  String name();

  /** A user of the htpasswd file. */
  record User(String name) implements Visitor {}

  /**
   * Who showed a token.
   *
   * @param name its {@code sub}
   * @param grants those whose claims the token has
   */
  record TokenHolder(String name, List<Grant> grants) implements Visitor {
    /** Copies the list. */
    public TokenHolder {
      grants = List.copyOf(grants);
    }

    /** Whether a grant allows it. */
    public boolean may(Right right, String repository) {
      return grants.stream().anyMatch(grant -> grant.allows(right, repository));
    }
  }
}
