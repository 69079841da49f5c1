package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The entries of {@code index.json}. What others wrote into it is kept as it is, fields included
 * that we do not know.
 */
final class LayoutIndex {

  /** The annotation that names an entry (image-spec 1.1, annotations.md). */
  static final String NAME = "org.opencontainers.image.ref.name";

  /** What containerd's import looks at first. */
  private static final String CONTAINERD_NAME = "io.containerd.image.name";

  /** Bytes of index.json that are read at most. */
  static final int MAX_BYTES = 32 * 1024 * 1024;

  private static final int MAX_ENTRIES = 100_000;

  private final ObjectNode root;
  private final ArrayNode manifests;

  private LayoutIndex(ObjectNode root, ArrayNode manifests) {
    this.root = root;
    this.manifests = manifests;
  }

  /** Of an empty layout. */
  static LayoutIndex empty() {
    return parse(Index.json(MediaType.OCI_INDEX, List.of()));
  }

  /**
   * Reads the document.
   *
   * @throws MalformedException for what is no index
   */
  static LayoutIndex parse(byte[] json) {
    try {
      JsonNode read = JsonMapper.shared().readTree(json);
      if (read instanceof ObjectNode root
          && root.path("schemaVersion").intValue(0) == 2
          && root.path("mediaType")
              .stringValue(MediaType.OCI_INDEX.value())
              .equals(MediaType.OCI_INDEX.value())
          && root.get("manifests") instanceof ArrayNode manifests) {
        if (manifests.size() > MAX_ENTRIES) {
          throw new MalformedException("more than %d entries".formatted(MAX_ENTRIES));
        }
        return new LayoutIndex(root, manifests);
      }
    } catch (JacksonException e) {
      throw MalformedException.json("an index", e);
    }
    throw new MalformedException("not an OCI index of version 2 that lists manifests");
  }

  /** The document. */
  byte[] json() {
    return JsonMapper.shared().writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
  }

  /** The entries in their order; one that is no descriptor is left out. */
  List<Descriptor> entries() {
    return Index.entries(json(), MAX_ENTRIES, leftOut -> {});
  }

  /** The name of an entry, or null. */
  static @Nullable String name(Descriptor entry) {
    return entry.annotations().get(NAME);
  }

  /**
   * Adds an entry.
   *
   * @param name replaces the entry of that name; null for an entry without one, which is there at
   *     most once
   */
  void put(Descriptor manifest, @Nullable String name) {
    for (int i = manifests.size() - 1; i >= 0; i--) {
      JsonNode entry = manifests.get(i);
      if (name == null ? isUnnamed(entry, manifest.digest()) : name.equals(name(entry))) {
        manifests.remove(i);
      }
    }
    TreeMap<String, String> annotations = new TreeMap<>(manifest.annotations());
    if (name != null) {
      annotations.put(NAME, name);
      if (name.indexOf('/') > 0) {
        annotations.put(CONTAINERD_NAME, name);
      }
    }
    Descriptor entry =
        new Descriptor(
            manifest.mediaType(),
            manifest.digest(),
            manifest.size(),
            manifest.platform(),
            manifest.artifactType(),
            annotations,
            manifest.urls());
    JsonNode written =
        JsonMapper.shared().readTree(Index.json(MediaType.OCI_INDEX, List.of(entry)));
    manifests.add(written.path("manifests").get(0));
  }

  /** Takes over the entries of another index whose names, or whose digests, are not here. */
  void addMissing(LayoutIndex other) {
    for (JsonNode entry : other.manifests) {
      String name = name(entry);
      boolean there = false;
      for (JsonNode mine : manifests) {
        there |=
            name == null
                ? name(mine) == null && mine.path("digest").equals(entry.path("digest"))
                : name.equals(name(mine));
      }
      if (!there) {
        manifests.add(entry);
      }
    }
  }

  private static @Nullable String name(JsonNode entry) {
    return entry.path("annotations").path(NAME).stringValue(null);
  }

  private static boolean isUnnamed(JsonNode entry, Digest digest) {
    return digest.toString().equals(entry.path("digest").stringValue(null))
        && !entry.path("annotations").has(NAME);
  }
}
