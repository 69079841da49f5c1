package io.entrepot.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Index documents as image-spec 1.1 has them (image-index.md, descriptor.md): keys in a fixed
 * order, no white space, nothing that is empty, so that equal descriptors give equal bytes.
 */
final class ManifestWriter {

  private ManifestWriter() {}

  static byte[] index(MediaType type, List<Descriptor> entries) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", type.value());
    ArrayNode manifests = root.putArray("manifests");
    entries.forEach(entry -> write(manifests.addObject(), entry));
    return JsonMapper.shared().writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
  }

  private static void write(ObjectNode node, Descriptor descriptor) {
    node.put("mediaType", descriptor.mediaType().value());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
    Platform platform = descriptor.platform();
    if (platform != null) {
      write(node.putObject("platform"), platform);
    }
    if (descriptor.artifactType() != null) {
      node.put("artifactType", descriptor.artifactType());
    }
    if (!descriptor.annotations().isEmpty()) {
      ObjectNode annotations = node.putObject("annotations");
      descriptor.annotations().forEach(annotations::put);
    }
    if (!descriptor.urls().isEmpty()) {
      ArrayNode urls = node.putArray("urls");
      descriptor.urls().forEach(urls::add);
    }
  }

  private static void write(ObjectNode node, Platform platform) {
    node.put("architecture", platform.architecture());
    node.put("os", platform.os());
    if (platform.variant() != null) {
      node.put("variant", platform.variant());
    }
    if (platform.osVersion() != null) {
      node.put("os.version", platform.osVersion());
    }
    if (!platform.osFeatures().isEmpty()) {
      ArrayNode features = node.putArray("os.features");
      platform.osFeatures().forEach(features::add);
    }
  }
}
