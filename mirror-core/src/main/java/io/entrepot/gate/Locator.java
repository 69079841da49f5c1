package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.Origin;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Sources;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Traces what was rendered back to the files of the tree: the values file in which a text stands,
 * else the manifest or template of the object, else the entry.
 */
public final class Locator {

  private final Sources sources;

  Locator(Sources sources) {
    this.sources = sources;
  }

  /**
   * The position of a node of an object that was read as it stands, else of the first text found.
   */
  public @Nullable FilePosition of(KubernetesObject object, SourceNode node, String... texts) {
    return line(object, node.line(), texts);
  }

  /** A line of an object that was read as it stands, else the position of the first text found. */
  public @Nullable FilePosition line(KubernetesObject object, int line, String... texts) {
    Origin origin = object.origin();
    if (origin.standing()) {
      return origin.file() == null ? null : FilePosition.of(origin.file(), line);
    }
    FilePosition found = find(origin, texts);
    return found == null ? ofObject(object) : found;
  }

  /** The position where one of the texts stands, else that of the object. */
  public @Nullable FilePosition of(KubernetesObject object, String... texts) {
    return of(object, object.root(), texts);
  }

  /** The documents of a file of the tree; none where it cannot be read. */
  public List<SourceNode> documents(String file) {
    return Files.isRegularFile(sources.root().resolve(file))
        ? sources.file(file).documents()
        : List.of();
  }

  /** The names of a directory's files, sorted; none where it is not in the tree. */
  public List<String> files(String directory) {
    return sources.files(directory);
  }

  /**
   * Where the object itself stands in the tree, as a manifest or as a resource of a kustomization;
   * null where a chart or a generator makes it.
   */
  public @Nullable FilePosition written(KubernetesObject object) {
    Origin origin = object.origin();
    if (origin.standing()) {
      return origin.file() == null ? null : FilePosition.of(origin.file(), object.root().line());
    }
    if (!(origin.entry() instanceof RenderEntry.Kustomize)) {
      return null;
    }
    return origin.searched().stream()
        .map(file -> documentOf(object, file))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** How an image may be written in values, the most telling first. */
  public static String[] texts(ImageReference reference) {
    List<String> texts = new ArrayList<>();
    String repository = reference.repository().toString();
    String path = reference.repository().path();
    String shortPath = path.startsWith("library/") ? path.substring("library/".length()) : path;
    if (reference.digest() != null) {
      texts.add(reference.digest().hex());
    }
    if (reference.tag() != null) {
      texts.add(shortPath + ":" + reference.tag());
    }
    texts.add(repository);
    texts.add(shortPath);
    return texts.toArray(String[]::new);
  }

  private @Nullable FilePosition find(Origin origin, String... texts) {
    for (String text : texts) {
      if (text.length() < 3) {
        continue;
      }
      for (String file : origin.searched()) {
        int line = lineOf(file, text);
        if (line > 0) {
          return FilePosition.of(file, line);
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

  private FilePosition ofObject(KubernetesObject object) {
    Origin origin = object.origin();
    if (origin.file() != null) {
      return FilePosition.of(origin.file());
    }
    for (String file : origin.searched()) {
      FilePosition found = documentOf(object, file);
      if (found != null) {
        return found;
      }
    }
    return origin.entry().position();
  }

  private @Nullable FilePosition documentOf(KubernetesObject object, String file) {
    for (SourceNode document : sources.file(file).documents()) {
      String name = Nodes.text(document, "metadata", "name");
      // A prefix or suffix may have been added on the way.
      if (name != null
          && object.kind().equals(Nodes.text(document, "kind"))
          && object.name().contains(name)) {
        return FilePosition.of(file, document.line());
      }
    }
    return null;
  }
}
