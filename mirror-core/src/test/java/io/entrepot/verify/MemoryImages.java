package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Images made of bytes in memory, and which of them were read. */
final class MemoryImages implements ImageContent {

  static final MediaType LAYER = new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");

  final Map<Digest, RawManifest> manifests = new HashMap<>();
  final Map<Digest, byte[]> blobs = new HashMap<>();
  final List<Digest> read = new ArrayList<>();

  @Override
  public RawManifest manifest(Descriptor descriptor) {
    RawManifest manifest = manifests.get(descriptor.digest());
    if (manifest == null) {
      throw absent(ErrorCode.MANIFEST_UNKNOWN);
    }
    return manifest;
  }

  @Override
  public byte[] blob(Descriptor descriptor, int maxBytes) {
    byte[] bytes = blobs.get(descriptor.digest());
    if (bytes == null) {
      throw absent(ErrorCode.BLOB_UNKNOWN);
    }
    return bytes;
  }

  @Override
  public <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException {
    read.add(descriptor.digest());
    return reader.read(new ByteArrayInputStream(blob(descriptor, Integer.MAX_VALUE)));
  }

  private static RegistryException absent(ErrorCode code) {
    return RegistryException.of(code, "GET", "not there").withStatus(404);
  }

  Descriptor blob(MediaType type, byte[] bytes) {
    blobs.put(Digest.of(bytes), bytes);
    return Descriptor.of(type, Digest.of(bytes), bytes.length);
  }

  Descriptor layer(byte[] bytes) {
    return blob(LAYER, bytes);
  }

  RawManifest keep(MediaType type, String json) {
    RawManifest manifest = RawManifest.of(type, json.getBytes(StandardCharsets.UTF_8));
    manifests.put(manifest.digest(), manifest);
    return manifest;
  }

  /** An image; {@code config} is the inside of the configuration object. */
  RawManifest image(String config, Descriptor... layers) {
    return typed(MediaType.OCI_CONFIG, config, layers);
  }

  RawManifest typed(MediaType configType, String config, Descriptor... layers) {
    Descriptor descriptor = blob(configType, ("{" + config + "}").getBytes(StandardCharsets.UTF_8));
    String list = List.of(layers).stream().map(l -> json(l, "")).collect(Collectors.joining(","));
    return keep(
        MediaType.OCI_MANIFEST,
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(json(descriptor, ""), list));
  }

  RawManifest index(String... entries) {
    return keep(
        MediaType.OCI_INDEX,
        "{\"schemaVersion\":2,\"manifests\":[%s]}".formatted(String.join(",", entries)));
  }

  static String entry(RawManifest manifest, String platform) {
    String[] parts = platform.split("/", -1);
    String variant = parts.length > 2 ? ",\"variant\":\"" + parts[2] + "\"" : "";
    return json(
        manifest.descriptor(),
        ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}"
            .formatted(parts[0], parts[1], variant));
  }

  static String bare(RawManifest manifest) {
    return json(manifest.descriptor(), "");
  }

  static String json(Descriptor d, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(d.mediaType(), d.digest(), d.size(), more);
  }

  static String platform(String os, String architecture) {
    return "\"os\":\"%s\",\"architecture\":\"%s\"".formatted(os, architecture);
  }
}
