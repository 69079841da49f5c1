package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes object.
 *
 * @param namespace null for cluster-scoped objects and where none is known
 */
public record ObjectName(String kind, @Nullable String namespace, String name) {

  /** The name of an object that was rendered. */
  public static ObjectName of(KubernetesObject object) {
    return new ObjectName(object.kind(), object.namespace(), object.name());
  }

  /** {@code Kind/namespace/name}, or without the namespace. */
  @Override
  public String toString() {
    return kind + "/" + (namespace == null ? "" : namespace + "/") + name;
  }
}
