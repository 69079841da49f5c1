package io.entrepot.registry.auth;

import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** TO BE WRITTEN by the auth work: see the contract in its issue. */
public final class Authorizer {
  public Future<Optional<Secret>> authorization(Origin origin, RegistryName registry, Scope scope) {
    return Future.failedFuture("not yet");
  }

  public Future<Optional<Secret>> renew(
      Origin origin,
      RegistryName registry,
      Scope scope,
      List<String> challenges,
      Optional<Secret> rejected) {
    return Future.failedFuture("not yet");
  }
}
