package io.entrepot.sites;

import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a document is, by its {@code kind} or by the name of its file.
 *
 * @param name the kind, or a word in its place; empty where neither tells
 * @param group the API's group; empty where the document has none
 */
public record DocumentKind(String name, String group) {

  /** GitLab's pipelines, which have no kind of their own. */
  public static final DocumentKind GITLAB = new DocumentKind("GitLab CI", "");

  private static final Pattern GITLAB_FILE = Pattern.compile("(?:.*\\.)?gitlab-ci\\.ya?ml");

  /** Kinds whose images are watched or checked, never pulled. */
  private static final Set<String> WATCHING =
      Set.of(
          "ImageUpdater",
          "ImageDestinations",
          "ImageRepository",
          "ImagePolicy",
          "ImageUpdateAutomation",
          "ClusterImagePolicy",
          "ImageOverrides",
          "ImagesLock",
          "Sources",
          "ImageKeys");

  /** Groups whose objects are policies: their images are patterns, or examples of what is meant. */
  private static final Set<String> POLICIES =
      Set.of(
          "kyverno.io", "policies.kyverno.io", "constraints.gatekeeper.sh", "policy.sigstore.dev");

  /**
   * The kind of a document.
   *
   * @param fileName the last part of its file's path, or empty
   */
  static DocumentKind of(SourceNode root, String fileName) {
    String kind = root instanceof SourceMapping mapping ? MapFields.text(mapping, "kind") : "";
    if (!kind.isEmpty()) {
      String version =
          root instanceof SourceMapping mapping ? MapFields.text(mapping, "apiVersion") : "";
      int slash = version.indexOf('/');
      return new DocumentKind(kind, slash < 0 ? "" : version.substring(0, slash));
    }
    if (fileName.toLowerCase(Locale.ROOT).startsWith("kustomization")) {
      return new DocumentKind("Kustomization", "");
    }
    return GITLAB_FILE.matcher(fileName).matches() ? GITLAB : new DocumentKind("", "");
  }

  /** Whether objects of this kind watch or check images, which nothing pulls on their behalf. */
  public boolean watches() {
    return WATCHING.contains(name) || POLICIES.contains(group);
  }

  /** Whether this is a kustomization, Flux's object of the same name included, or a component. */
  public boolean isKustomization() {
    return name.equals("Kustomization") || name.equals("Component");
  }

  /** Whether neither a kind nor the file's name tells. */
  boolean isUnknown() {
    return name.isEmpty();
  }
}
