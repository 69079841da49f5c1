package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.render.Origin;
import io.entrepot.render.Sources;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Traces what was rendered back to the files of the tree: the values file in which a text stands,
 * else the manifest or template of the object, else the entry.
 */
final class Locator {

  private final Sources sources;

  Locator(Sources sources) {
    this.sources = sources;
  }

  /** The place of a node of an object that was read as it stands, else of the first text found. */
  Place of(KubernetesObject object, SourceNode node, String... texts) {
    return object.origin().standing()
        ? new Place(object.origin().file(), node.line())
        : of(object, texts);
  }

  /** The place where one of the texts stands, else that of the object. */
  Place of(KubernetesObject object, String... texts) {
    Origin origin = object.origin();
    if (origin.standing()) {
      return new Place(origin.file(), object.root().line());
    }
    Place found = find(origin, texts);
    return found == null ? ofObject(object) : found;
  }

  private @Nullable Place find(Origin origin, String... texts) {
    for (String text : texts) {
      if (text.length() < 3) {
        continue;
      }
      for (String file : origin.searched()) {
        int line = lineOf(file, text);
        if (line > 0) {
          return new Place(file, line);
        }
      }
    }
    return null;
  }

  private int lineOf(String file, String text) {
    if (!Files.isRegularFile(sources.root().resolve(file))) {
      return 0;
    }
    SourceText source = sources.file(file).source();
    if (source == null) {
      return 0;
    }
    String whole = source.text();
    for (int at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + 1)) {
      if (!source.line(source.fileLine(at)).stripLeading().startsWith("#")) {
        return source.fileLine(at);
      }
    }
    return 0;
  }

  private Place ofObject(KubernetesObject object) {
    Origin origin = object.origin();
    if (origin.file() != null) {
      return new Place(origin.file(), 0);
    }
    for (String file : origin.searched()) {
      List<SourceNode> documents = sources.file(file).documents();
      for (SourceNode document : documents) {
        String name = Nodes.text(document, "metadata", "name");
        // A prefix or suffix may have been added on the way.
        if (name != null
            && object.kind().equals(Nodes.text(document, "kind"))
            && object.name().contains(name)) {
          return new Place(file, document.line());
        }
      }
    }
    FilePosition entry = origin.entry().position();
    return new Place(entry.file(), entry.line());
  }
}
