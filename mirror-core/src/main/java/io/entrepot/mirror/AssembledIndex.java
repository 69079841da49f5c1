package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a manifest list, and the same bytes for the same parts every time: entries sorted by
 * platform, keys in a fixed order, no white space, nothing but what the entries need.
 *
 * <p>It is a Docker manifest list where all parts are Docker manifests, otherwise an OCI index,
 * which may hold both (image-spec 1.1, image-index.md).
 */
final class AssembledIndex {

  private AssembledIndex() {}

  /**
   * @param entries manifests, each with its platform
   */
  static RawManifest of(List<Descriptor> entries) {
    boolean docker =
        entries.stream().allMatch(entry -> entry.mediaType().equals(MediaType.DOCKER_MANIFEST));
    MediaType type = docker ? MediaType.DOCKER_LIST : MediaType.OCI_INDEX;
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", type.value());
    ArrayNode manifests = root.putArray("manifests");
    entries.stream()
        .sorted(Comparator.comparing(entry -> Objects.requireNonNull(entry.platform())))
        .forEach(entry -> write(manifests.addObject(), entry));
    return RawManifest.of(
        type, JsonMapper.shared().writeValueAsString(root).getBytes(StandardCharsets.UTF_8));
  }

  private static void write(ObjectNode node, Descriptor entry) {
    node.put("mediaType", entry.mediaType().value());
    node.put("digest", entry.digest().toString());
    node.put("size", entry.size());
    Platform platform = Objects.requireNonNull(entry.platform());
    ObjectNode target = node.putObject("platform");
    target.put("architecture", platform.architecture());
    target.put("os", platform.os());
    if (platform.variant() != null) {
      target.put("variant", platform.variant());
    }
    if (platform.osVersion() != null) {
      target.put("os.version", platform.osVersion());
    }
  }
}
