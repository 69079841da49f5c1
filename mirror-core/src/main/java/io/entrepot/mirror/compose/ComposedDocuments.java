package io.entrepot.mirror.compose;

import io.entrepot.mirror.compose.Composition.ConfigChanges;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The documents of a composed image (image-spec 1.1): no times but the base's, the same each time.
 */
final class ComposedDocuments {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Docker's layers under the names that OCI manifests use; their bytes are the same. */
  private static final Map<String, String> LAYER_TYPES =
      Map.of(
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.oci.image.layer.v1.tar+zstd");

  private final ImageReference base;
  private final Digest baseDigest;

  ComposedDocuments(ImageReference base, Digest baseDigest) {
    this.base = base;
    this.baseDigest = baseDigest;
  }

  /** The base's configuration with the changes and one more layer. */
  byte[] config(byte[] ofBase, ConfigChanges changes, Digest diffId) throws IOException {
    ObjectNode root;
    try {
      if (!(JSON.readTree(ofBase) instanceof ObjectNode object)) {
        throw new IOException("the configuration of %s is no object".formatted(base));
      }
      root = object;
    } catch (JacksonException e) {
      throw new IOException("the configuration of %s is no JSON".formatted(base), e);
    }
    change(child(root, "config"), changes);
    ObjectNode files = child(root, "rootfs");
    files.put("type", "layers");
    list(files, "diff_ids").add(diffId.toString());
    ObjectNode step = list(root, "history").addObject();
    if (root.path("created").isString()) {
      step.put("created", root.path("created").asString());
    }
    step.put("created_by", "entrepot compose");
    return bytes(root);
  }

  private static void change(ObjectNode config, ConfigChanges changes) {
    changes.user().ifPresent(user -> config.put("User", user));
    changes
        .entrypoint()
        .ifPresent(
            words -> {
              texts(config.putArray("Entrypoint"), words);
              // What the base's program was told means nothing to another one.
              config.remove("Cmd");
            });
    changes.command().ifPresent(words -> texts(config.putArray("Cmd"), words));
    if (!changes.environment().isEmpty()) {
      Map<String, String> all = new LinkedHashMap<>();
      list(config, "Env").forEach(each -> all.put(name(each.asString("")), each.asString("")));
      changes.environment().forEach(each -> all.put(name(each), each));
      texts(config.putArray("Env"), List.copyOf(all.values()));
    }
    changes.workingDirectory().ifPresent(folder -> config.put("WorkingDir", folder));
    if (!changes.labels().isEmpty()) {
      ObjectNode labels = child(config, "Labels");
      changes
          .labels()
          .forEach(each -> labels.put(name(each), each.substring(name(each).length() + 1)));
    }
  }

  private static String name(String assignment) {
    int equals = assignment.indexOf('=');
    return equals < 0 ? assignment : assignment.substring(0, equals);
  }

  /** A platform's manifest: the base's layers as they are, and the new one. */
  RawManifest manifest(byte[] config, List<Descriptor> layers, Descriptor added) {
    ObjectNode root = JSON.createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaType.OCI_MANIFEST.value());
    ObjectNode ofConfig = root.putObject("config");
    ofConfig.put("mediaType", MediaType.OCI_CONFIG.value());
    ofConfig.put("digest", Digest.of(config).toString());
    ofConfig.put("size", config.length);
    ArrayNode all = root.putArray("layers");
    layers.forEach(layer -> descriptor(all.addObject(), layer));
    descriptor(all.addObject(), added);
    annotate(root);
    return RawManifest.of(MediaType.OCI_MANIFEST, bytes(root));
  }

  /** The list. */
  RawManifest index(List<Descriptor> entries) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(Index.json(MediaType.OCI_INDEX, entries));
      annotate(root);
      return RawManifest.of(MediaType.OCI_INDEX, bytes(root));
    } catch (JacksonException e) {
      throw new IllegalStateException("a list that was just written", e);
    }
  }

  private void annotate(ObjectNode root) {
    root.putObject("annotations")
        .put("org.opencontainers.image.base.digest", baseDigest.toString())
        .put("org.opencontainers.image.base.name", base.toString());
  }

  private static void descriptor(ObjectNode node, Descriptor descriptor) {
    String type = descriptor.mediaType().value();
    node.put("mediaType", LAYER_TYPES.getOrDefault(type, type));
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
  }

  private static ObjectNode child(ObjectNode parent, String key) {
    return parent.path(key) instanceof ObjectNode object ? object : parent.putObject(key);
  }

  private static ArrayNode list(ObjectNode parent, String key) {
    return parent.path(key) instanceof ArrayNode array ? array : parent.putArray(key);
  }

  private static void texts(ArrayNode array, List<String> words) {
    words.forEach(array::add);
  }

  private static byte[] bytes(ObjectNode root) {
    return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
  }
}
