package io.entrepot.render;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Flux's sources as the tree declares them: repositories of charts, of artifacts and of git. */
final class FluxSources {

  /**
   * Where a source lies.
   *
   * @param base a directory: empty for the tree itself; null where it is not at hand
   * @param title what the source is, for messages
   */
  record Location(@Nullable String base, String title) {}

  /** The source that Flux's own bootstrap names after itself is the tree. */
  private static final String OWN = "flux-system";

  private final Sources tree;
  private final Repositories repositories;
  private final Map<String, Object> sources = new LinkedHashMap<>();

  FluxSources(Sources tree, Repositories repositories) {
    this.tree = tree;
    this.repositories = repositories;
  }

  /** Remembers a document if it is a source. */
  void remember(SourceNode document) {
    String kind = Nodes.text(document, "kind");
    String name = Nodes.text(document, "metadata", "name");
    String version = Nodes.text(document, "apiVersion");
    if (kind == null
        || name == null
        || version == null
        || !version.startsWith("source.toolkit.fluxcd.io/")) {
      return;
    }
    Object source = Nodes.plain(document);
    if (source != null) {
      sources.put(kind + "/" + name, source);
      if (kind.equals("GitRepository")) {
        repositories.learn(Plain.text(source, "spec", "url"), "");
      }
    }
  }

  /** A source's plain value, or null where the tree does not declare it. */
  @Nullable Object find(@Nullable String kind, @Nullable String name) {
    return sources.get(kind + "/" + name);
  }

  /** A source's address, or null. */
  @Nullable String url(@Nullable String kind, @Nullable String name) {
    return Plain.text(find(kind, name), "spec", "url");
  }

  /**
   * Where a source's files lie. One that the tree does not declare is taken for the tree where the
   * path is there.
   *
   * @param path what is deployed of it
   */
  Location locate(@Nullable String kind, @Nullable String name, String path) {
    String url = url(kind, name);
    String title = "%s %s".formatted(kind, name) + (url == null ? "" : ", " + url);
    boolean git = "GitRepository".equals(kind);
    if (OWN.equals(name) && (url == null || !git || !repositories.isTreeKnown())) {
      return new Location("", title);
    }
    if (url != null) {
      String base = repositories.base(url);
      // An artifact is not the tree only because nothing else is known.
      return new Location(git || (base != null && !base.isEmpty()) ? base : null, title);
    }
    boolean here =
        git && (tree.isDirectory(TreePath.tidy(path)) || tree.isFile(TreePath.tidy(path)));
    return new Location(here ? "" : null, title);
  }
}
