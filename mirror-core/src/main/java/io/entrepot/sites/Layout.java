package io.entrepot.sites;

/** How an image is written. */
public enum Layout {
  /** One string that is a whole reference. */
  STRING("one string"),
  /** {@code repository} and {@code tag} in a map, with or without registry and digest. */
  MAP("a map"),
  /** {@code image.ref}. */
  REF("image.ref"),
  /** Keys that share a prefix: {@code imageRepository}, {@code imageTag}. */
  FLAT("a flat pair"),
  /** {@code image} with its tag in a key of its own. */
  SPLIT("image and tag side by side"),
  /** {@code repository}, {@code image} and {@code version}, which an operator joins. */
  OPERATOR("repository, image and version side by side"),
  /** An entry of a kustomization's {@code images}. */
  KUSTOMIZE("a kustomization's images"),
  /** An entry of Argo CD's {@code kustomize.images}. */
  KUSTOMIZE_TEXT("an image of Argo CD's kustomize.images"),
  /** A reference inside a longer text. */
  TEXT("inside text"),
  /** A service of GitLab's jobs without an alias, whose host is named after the image. */
  SERVICE("a service of GitLab's jobs"),
  /** A Helm chart or other artifact in a registry. */
  CHART("a chart");

  private final String words;

  Layout(String words) {
    this.words = words;
  }

  /** The shape in words. */
  public String words() {
    return words;
  }
}
