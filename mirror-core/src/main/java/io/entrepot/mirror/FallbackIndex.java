package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The list of referrers under a fallback tag (distribution-spec 1.1, "Referrers tag schema"). */
final class FallbackIndex {

  private FallbackIndex() {}

  /** Those that are listed, in their order, then those that are not yet. */
  static RawManifest merge(Collection<Descriptor> listed, Collection<Descriptor> added) {
    Map<Digest, Descriptor> all = new LinkedHashMap<>();
    listed.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    added.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaType.OCI_INDEX.value());
    ArrayNode manifests = root.putArray("manifests");
    for (Descriptor descriptor : all.values()) {
      ObjectNode node = manifests.addObject();
      node.put("mediaType", descriptor.mediaType().value());
      node.put("digest", descriptor.digest().toString());
      node.put("size", descriptor.size());
      if (descriptor.artifactType() != null) {
        node.put("artifactType", descriptor.artifactType());
      }
      if (!descriptor.annotations().isEmpty()) {
        ObjectNode annotations = node.putObject("annotations");
        descriptor.annotations().forEach(annotations::put);
      }
    }
    return RawManifest.of(
        MediaType.OCI_INDEX,
        JsonMapper.shared().writeValueAsString(root).getBytes(StandardCharsets.UTF_8));
  }
}
