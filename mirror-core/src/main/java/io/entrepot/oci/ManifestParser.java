package io.entrepot.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Bytes to {@link Manifest}: strict where content could be confused (types, digests, sizes, doubled
 * keys); a platform, an annotation or a type that cannot be understood is left out with a warning.
 */
final class ManifestParser {

  /** More entries or layers than any real image has; a cap, so that a list cannot be endless. */
  static final int MAX_CHILDREN = 4096;

  /** Of time, not of memory; a real manifest of 4 MiB has half as many. */
  private static final int MAX_TOKENS = 1_000_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(RawManifest.MAX_BYTES)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .build())
          .build();

  private ManifestParser() {}

  static Manifest parse(MediaType served, byte[] bytes) {
    JsonNode root = read(bytes);
    refuseSchema1(served, root);
    MediaType mediaType = agreedType(served, root);
    boolean hasManifests = root.has("manifests");
    boolean hasLayers = root.has("layers") || root.has("config") || root.has("blobs");
    if (hasManifests && hasLayers) {
      throw new MalformedException(
          "ambiguous manifest: both an index (manifests) and an image (layers or config)");
    }
    if (mediaType.isIndex() && !hasManifests) {
      throw new MalformedException("an index without manifests");
    }
    if (mediaType.isImageManifest() && hasManifests) {
      throw new MalformedException("served as an image manifest, but it lists manifests");
    }
    List<String> warnings = new ArrayList<>();
    String artifactType = understood(() -> text(root, "artifactType"), warnings);
    Descriptor subject =
        root.hasNonNull("subject") ? descriptor(root.get("subject"), "subject", warnings) : null;
    Map<String, String> annotations = annotations(root.get("annotations"), "annotations", warnings);
    if (hasManifests) {
      return new Index(
          mediaType,
          artifactType,
          descriptors(root, "manifests", warnings),
          subject,
          annotations,
          warnings);
    }
    if (!hasLayers) {
      throw new MalformedException("a manifest with neither manifests nor config nor layers");
    }
    Descriptor config =
        root.has("config") ? descriptor(root.get("config"), "config", warnings) : null;
    if (config == null && !root.has("blobs")) {
      throw new MalformedException("an image manifest without config");
    }
    String layersKey = root.has("layers") ? "layers" : "blobs";
    List<Descriptor> layers =
        root.has(layersKey) ? descriptors(root, layersKey, warnings) : List.of();
    return new ImageManifest(
        mediaType, artifactType, config, layers, subject, annotations, warnings);
  }

  /** The served type, or the document's own where the served one says nothing. */
  static MediaType typeOf(MediaType served, byte[] bytes) {
    boolean telling =
        !served.equals(MediaType.OCTET_STREAM)
            && !served.value().equals("application/json")
            && !served.value().startsWith("text/");
    if (telling) {
      return served;
    }
    JsonNode root = read(bytes);
    String stated = text(root, "mediaType");
    if (stated != null) {
      return MediaType.parse(stated);
    }
    if (root.has("manifests")) {
      return MediaType.OCI_INDEX;
    }
    if (root.has("config") || root.has("layers")) {
      return MediaType.OCI_MANIFEST;
    }
    throw new MalformedException("a JSON document, but no manifest");
  }

  private static JsonNode read(byte[] bytes) {
    try (JsonParser parser = MAPPER.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("not a manifest: no JSON object");
      }
      JsonNode root = KnownFields.read(parser, KnownFields.MANIFEST);
      if (parser.nextToken() != null) {
        throw new MalformedException("not a manifest: more follows after its end");
      }
      return root;
    } catch (JacksonException e) {
      throw MalformedException.json("a manifest", e);
    }
  }

  private static void refuseSchema1(MediaType served, JsonNode root) {
    JsonNode version = root.get("schemaVersion");
    boolean schema1 =
        served.isSchema1() || (version != null && version.isInt() && version.intValue() == 1);
    if (schema1) {
      throw new MalformedException(
          "Docker schema 1 manifest: this format has no stable digest and is not supported; ask"
              + " the publisher to push the image again with a current tool");
    }
  }

  /** CVE-2021-41190: the document and the header must not tell two stories. */
  private static MediaType agreedType(MediaType served, JsonNode root) {
    String stated = text(root, "mediaType");
    if (stated == null) {
      return served;
    }
    MediaType type = MediaType.parse(stated);
    if (!type.equals(served)
        && !served.equals(MediaType.OCTET_STREAM)
        && !served.value().equals("application/json")) {
      throw new MalformedException(
          "served as %s, but the document says %s".formatted(served, type));
    }
    return type;
  }

  private static List<Descriptor> descriptors(JsonNode root, String key, List<String> warnings) {
    JsonNode list = root.get(key);
    if (list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw new MalformedException(key + " is not a list");
    }
    if (list.size() > MAX_CHILDREN) {
      throw new MalformedException(
          "more %s than are taken: at most %d".formatted(key, MAX_CHILDREN));
    }
    List<Descriptor> descriptors = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      descriptors.add(descriptor(list.get(i), key + "[" + i + "]", warnings));
    }
    return descriptors;
  }

  static Descriptor descriptor(@Nullable JsonNode node, String where) {
    return descriptor(node, where, new ArrayList<>());
  }

  private static Descriptor descriptor(
      @Nullable JsonNode node, String where, List<String> warnings) {
    if (node == null || !node.isObject()) {
      throw new MalformedException(where + " is not a descriptor");
    }
    String digest = required(node, "digest", where);
    String mediaType = required(node, "mediaType", where);
    JsonNode size = node.get("size");
    if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
      throw new MalformedException(where + ".size is not a whole number of bytes");
    }
    try {
      return new Descriptor(
          MediaType.parse(mediaType),
          Digest.parse(digest),
          size.longValue(),
          platform(node.get("platform"), where, warnings),
          understood(() -> text(node, "artifactType"), warnings),
          annotations(node.get("annotations"), where + ".annotations", warnings),
          texts(node.get("urls")));
    } catch (MalformedException e) {
      throw new MalformedException(where + ": " + e.getMessage(), e);
    }
  }

  /**
   * A platform that cannot be understood is none; the bytes that state it are kept all the same.
   */
  private static @Nullable Platform platform(
      @Nullable JsonNode node, String where, List<String> warnings) {
    if (node == null || !node.isObject()) {
      return null;
    }
    try {
      String os = text(node, "os");
      String architecture = text(node, "architecture");
      if (os == null || os.isEmpty() || architecture == null || architecture.isEmpty()) {
        return null;
      }
      return new Platform(
          os,
          architecture,
          text(node, "variant"),
          text(node, "os.version"),
          texts(node.get("os.features")));
    } catch (MalformedException e) {
      warnings.add(where + ".platform is left out: " + e.getMessage());
      return null;
    }
  }

  private static Map<String, String> annotations(
      @Nullable JsonNode node, String where, List<String> warnings) {
    if (node == null || node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      warnings.add(where + " are left out: not a map");
      return Map.of();
    }
    Map<String, String> annotations = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getValue().isString()) {
        annotations.put(entry.getKey(), entry.getValue().stringValue());
      } else {
        warnings.add(
            "%s.%s is left out: not text"
                .formatted(where, MalformedException.printable(entry.getKey())));
      }
    }
    return annotations;
  }

  private static @Nullable String understood(
      Supplier<@Nullable String> read, List<String> warnings) {
    try {
      return read.get();
    } catch (MalformedException e) {
      warnings.add("left out: " + e.getMessage());
      return null;
    }
  }

  private static List<String> texts(@Nullable JsonNode node) {
    if (node == null || !node.isArray()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : node) {
      if (text.isString()) {
        texts.add(text.stringValue());
      }
    }
    return texts;
  }

  private static String required(JsonNode node, String key, String where) {
    String value = text(node, key);
    if (value == null) {
      throw new MalformedException(where + " has no " + key);
    }
    return value;
  }

  private static @Nullable String text(JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw new MalformedException(key + " is not text");
    }
    return value.stringValue();
  }
}
