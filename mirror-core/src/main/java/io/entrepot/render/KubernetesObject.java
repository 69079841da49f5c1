package io.entrepot.render;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/**
 * An object as the API server would get it.
 *
 * @param namespace its own, else its entry's; null where neither says
 * @param root the whole object
 */
public record KubernetesObject(
    String apiVersion,
    String kind,
    @Nullable String namespace,
    String name,
    SourceMapping root,
    Origin origin) {

  /** The object itself where it was read as it stands, else its template, else its entry. */
  public FilePosition position() {
    String file = origin.file();
    if (file == null) {
      return origin.entry().position();
    }
    return origin.standing() ? FilePosition.of(file, root.line()) : FilePosition.of(file);
  }

  /** The same object of another origin. */
  KubernetesObject from(Origin other) {
    return new KubernetesObject(apiVersion, kind, namespace, name, root, other);
  }

  /** The API group; empty for the core's. */
  public String group() {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  /** The API version without its group. */
  public String version() {
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }
}
