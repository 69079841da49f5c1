package io.entrepot.render;

import io.entrepot.render.Rendering.Failure;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what helm and kustomize print, and files as they stand, into objects. */
public final class ManifestReader {

  private ManifestReader() {}

  /** A stream of documents, cut at its separators; each keeps its comments. */
  static List<String> documents(String stream) {
    List<String> documents = new ArrayList<>();
    int from = 0;
    while (from < stream.length()) {
      int next = stream.startsWith("---", from) ? from : stream.indexOf("\n---", from);
      if (next < 0) {
        documents.add(stream.substring(from));
        break;
      }
      documents.add(stream.substring(from, next));
      int end = stream.indexOf('\n', next + 1);
      from = end < 0 ? stream.length() : end + 1;
    }
    return documents;
  }

  /**
   * The nodes of everything that a program printed.
   *
   * @throws UnreadableYamlException if some of it is no YAML
   */
  public static List<SourceNode> nodes(String stream) {
    return YamlScanner.scan(SourceText.of(stream));
  }

  /** Reads one printed document; one that is no YAML is a failure of its entry. */
  static void read(String document, Origin origin, @Nullable String namespace, Outcome outcome) {
    if (document.isBlank()) {
      return;
    }
    try {
      for (SourceNode root : nodes(document)) {
        accept(root, origin, namespace, outcome);
      }
    } catch (UnreadableYamlException e) {
      outcome.failures.add(
          Failure.of(
              origin.target(),
              origin.file() == null ? null : FilePosition.of(origin.file()),
              "%s renders to something that is not YAML: %s"
                  .formatted(origin.entry().name(), e.getMessage()),
              "mend the template or the values"));
    }
  }

  /** Takes one document: an object, the items of a list of objects, or values. */
  static void accept(SourceNode root, Origin origin, @Nullable String namespace, Outcome outcome) {
    String apiVersion = Nodes.text(root, "apiVersion");
    String kind = Nodes.text(root, "kind");
    if (root instanceof SourceMapping mapping && apiVersion != null && kind != null) {
      if (kind.endsWith("List") && Nodes.at(root, "items") != null) {
        for (SourceNode item : Nodes.items(root, "items")) {
          accept(item, origin, namespace, outcome);
        }
        return;
      }
      String name = Nodes.text(root, "metadata", "name");
      if (name == null) {
        name = Nodes.text(root, "metadata", "generateName");
      }
      if (name != null) {
        String own = Nodes.text(root, "metadata", "namespace");
        boolean scoped = ClusterScope.holds(apiVersion, kind);
        outcome.objects.add(
            new KubernetesObject(
                apiVersion,
                kind,
                scoped ? null : own == null ? namespace : own,
                name,
                mapping,
                origin));
        return;
      }
    }
    if (!(root instanceof ScalarSite)) {
      outcome.values.add(new ValuesDocument(root, origin));
    }
  }
}
