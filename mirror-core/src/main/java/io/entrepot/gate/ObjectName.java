package io.entrepot.gate;

import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes object.
 *
 * @param namespace null for cluster-scoped objects and where none is known
 */
public record ObjectName(String kind, @Nullable String namespace, String name) {

  /** {@code Kind/namespace/name}, or without the namespace. */
  @Override
  public String toString() {
    return kind + "/" + (namespace == null ? "" : namespace + "/") + name;
  }
}
