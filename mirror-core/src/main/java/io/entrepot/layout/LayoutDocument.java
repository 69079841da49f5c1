package io.entrepot.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file that travels in a layout as an artifact (image-spec 1.1, "Guidelines for Artifact Usage"):
 * an entry of its own, which other programs copy and read as such.
 *
 * @param name of the entry, and of the file
 * @param type of the artifact and of its one layer
 * @param annotations of the manifest, beside the file's title
 */
public record LayoutDocument(
    String name, MediaType type, Buffer content, Map<String, String> annotations) {

  private static final String TITLE = "org.opencontainers.image.title";
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  /** Copies the map. */
  public LayoutDocument {
    annotations = Map.copyOf(annotations);
  }

  /** Puts it into a layout, in place of the former one of its name. */
  public void writeTo(Layout layout) {
    byte[] empty = "{}".getBytes(UTF_8);
    Descriptor config = Descriptor.of(MediaType.OCI_EMPTY, Digest.of(empty), empty.length);
    Descriptor layer =
        new Descriptor(
            type,
            Digest.of(content.getBytes()),
            content.length(),
            null,
            null,
            Map.of(TITLE, name),
            List.of());
    RawManifest manifest = manifest(config, layer);
    layout.writing().small(config.digest(), empty);
    layout.writing().small(layer.digest(), content.getBytes());
    layout.writing().small(manifest.digest(), manifest.bytes());
    layout.put(
        new Descriptor(
            manifest.mediaType(),
            manifest.digest(),
            manifest.size(),
            null,
            type.value(),
            Map.of(),
            List.of()),
        name);
  }

  private RawManifest manifest(Descriptor config, Descriptor layer) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaType.OCI_MANIFEST.value());
    root.put("artifactType", type.value());
    root.set("config", json(config));
    root.putArray("layers").add(json(layer));
    if (!annotations.isEmpty()) {
      ObjectNode written = root.putObject("annotations");
      new TreeMap<>(annotations).forEach(written::put);
    }
    return RawManifest.of(
        MediaType.OCI_MANIFEST, JsonMapper.shared().writeValueAsString(root).getBytes(UTF_8));
  }

  private static JsonNode json(Descriptor descriptor) {
    return JsonMapper.shared()
        .readTree(Index.json(MediaType.OCI_INDEX, List.of(descriptor)))
        .path("manifests")
        .get(0);
  }

  /**
   * Reads it; nothing where the layout has none of that name and type.
   *
   * @throws io.entrepot.registry.RegistryException where it is not what its digests say
   */
  public static Optional<LayoutDocument> read(Layout layout, String name, MediaType type) {
    Optional<Descriptor> entry = layout.entry(Optional.of(name));
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    RawManifest raw =
        layout
            .contents()
            .manifest(entry.get())
            .orElseThrow(
                () ->
                    LayoutFailure.refused(
                        layout.name(), LayoutContents.member(entry.get().digest()), "is missing"));
    try {
      if (!(raw.parse() instanceof ImageManifest manifest)
          || !type.value().equals(manifest.artifactType())
          || manifest.layers().size() != 1) {
        return Optional.empty();
      }
      Descriptor content = manifest.layers().getFirst();
      if (content.size() > MAX_BYTES) {
        throw LayoutFailure.refused(
            layout.name(), name, "has more than %d MiB".formatted(MAX_BYTES >> 20));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      layout
          .contents()
          .read(
              content.digest(),
              content.size(),
              0,
              (piece, length) -> {
                bytes.write(piece, 0, length);
                return true;
              });
      return Optional.of(
          new LayoutDocument(
              name, type, Buffer.buffer(bytes.toByteArray()), manifest.annotations()));
    } catch (MalformedException e) {
      throw LayoutFailure.refused(layout.name(), name, "is " + e.getMessage());
    }
  }
}
