package io.entrepot.mirror.charts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A packed chart as an OCI artifact (Helm's HIP-0006): configuration, package, provenance. Nothing
 * in it tells a time, so that the same package gives the same bytes.
 */
final class ChartArtifact {

  static final MediaType CONFIG = new MediaType("application/vnd.cncf.helm.config.v1+json");
  static final MediaType CONTENT =
      new MediaType("application/vnd.cncf.helm.chart.content.v1.tar+gzip");
  private static final MediaType PROVENANCE =
      new MediaType("application/vnd.cncf.helm.chart.provenance.v1.prov");
  private static final String ANNOTATION = "org.opencontainers.image.";

  private ChartArtifact() {}

  static PackedChart of(
      ImageReference reference,
      String version,
      String address,
      byte[] archive,
      byte @Nullable [] provenance) {
    SourceNode metadata = ChartArchive.metadata(archive, reference.toString());
    byte[] config = JsonMapper.shared().writeValueAsBytes(Nodes.plain(metadata));
    Map<Digest, Buffer> blobs = new HashMap<>();
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaType.OCI_MANIFEST.value());
    describe(root.putObject("config"), CONFIG, config, blobs);
    ArrayNode layers = root.putArray("layers");
    describe(layers.addObject(), CONTENT, archive, blobs);
    if (provenance != null) {
      describe(layers.addObject(), PROVENANCE, provenance, blobs);
    }
    ObjectNode annotations = root.putObject("annotations");
    annotate(annotations, "description", Nodes.text(metadata, "description"));
    annotate(annotations, "title", Nodes.text(metadata, "name"));
    annotate(annotations, "url", Nodes.text(metadata, "home"));
    annotate(annotations, "version", version);
    return new PackedChart(
        reference,
        RawManifest.of(
            MediaType.OCI_MANIFEST, JsonMapper.shared().writeValueAsString(root).getBytes(UTF_8)),
        Buffer.buffer(archive),
        blobs,
        Map.of(address, Digest.of(archive)));
  }

  private static void annotate(ObjectNode annotations, String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      annotations.put(ANNOTATION + key, value);
    }
  }

  private static void describe(
      ObjectNode node, MediaType type, byte[] bytes, Map<Digest, Buffer> blobs) {
    Digest digest = Digest.of(bytes);
    blobs.put(digest, Buffer.buffer(bytes));
    node.put("mediaType", type.value());
    node.put("digest", digest.toString());
    node.put("size", bytes.length);
  }
}
