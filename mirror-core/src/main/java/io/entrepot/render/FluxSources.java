package io.entrepot.render;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Flux's sources as the tree declares them: repositories of charts, of artifacts and of git. */
final class FluxSources {

  private final Map<String, Object> sources = new LinkedHashMap<>();

  /** Remembers a document if it is a source. */
  void remember(SourceNode document) {
    String kind = Nodes.text(document, "kind");
    String name = Nodes.text(document, "metadata", "name");
    String version = Nodes.text(document, "apiVersion");
    Object source =
        kind != null
                && name != null
                && version != null
                && version.startsWith("source.toolkit.fluxcd.io/")
            ? Nodes.plain(document)
            : null;
    if (source != null) {
      sources.put(kind + "/" + name, source);
    }
  }

  /** A source's plain value, or null where the tree does not declare it. */
  @Nullable Object find(String kind, @Nullable String name) {
    return sources.get(kind + "/" + name);
  }

  /** A source's address, or null. */
  @Nullable String url(String kind, @Nullable String name) {
    return Plain.text(find(kind, name), "spec", "url");
  }
}
