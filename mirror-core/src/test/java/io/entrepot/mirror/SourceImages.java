package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.testing.TestRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts images into one repository of a test registry. */
final class SourceImages {

  static final MediaType LAYER = new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");
  static final MediaType FOREIGN =
      new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

  private final TestRegistry registry;
  private final String repository;

  SourceImages(TestRegistry registry, String repository) {
    this.registry = registry;
    this.repository = repository;
  }

  Descriptor layer(String text) {
    byte[] bytes = text.repeat(100).getBytes(UTF_8);
    return Descriptor.of(LAYER, registry.addBlob(repository, bytes), bytes.length);
  }

  /** A layer nobody here holds. */
  Descriptor foreign(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return Descriptor.of(FOREIGN, Digest.of(bytes), bytes.length);
  }

  /** The manifest of one platform, with an entry's descriptor. */
  Descriptor image(String platform, Descriptor... layers) {
    return image(platform, platform, layers);
  }

  /** The same manifest under another platform. */
  static Descriptor as(Platform platform, Descriptor manifest) {
    return new Descriptor(
        manifest.mediaType(),
        manifest.digest(),
        manifest.size(),
        platform,
        null,
        manifest.annotations(),
        List.of());
  }

  /** An image whose manifest has an annotation of so many characters. */
  Descriptor padded(String platform, int characters) {
    Descriptor plain = image(platform, layer("padded " + platform + characters));
    String manifest =
        new String(registry.manifest(repository, plain.digest().toString()).bytes(), UTF_8);
    byte[] bytes =
        manifest
            .replaceFirst(
                "\\}$", ",\"annotations\":{\"padding\":\"" + "x".repeat(characters) + "\"}}")
            .getBytes(UTF_8);
    Digest digest = registry.addManifest(repository, null, MediaType.OCI_MANIFEST, bytes);
    return new Descriptor(
        MediaType.OCI_MANIFEST,
        digest,
        bytes.length,
        Platform.parse(platform),
        null,
        Map.of(),
        List.of());
  }

  /** An image that says when it was made. */
  Descriptor created(String platform, String time) {
    return image(platform, platform, ",\"created\":\"" + time + "\"");
  }

  /** As the entry has it and as the configuration has it. */
  Descriptor image(String entry, String configured, Descriptor... layers) {
    return image(entry, configured, "", layers);
  }

  private Descriptor image(String entry, String configured, String more, Descriptor... layers) {
    Platform actual = Platform.parse(configured);
    String config =
        "{\"os\":\"%s\",\"architecture\":\"%s\"%s%s,\"history\":\"%s\"}"
            .formatted(
                actual.os(),
                actual.architecture(),
                actual.variant() == null ? "" : ",\"variant\":\"" + actual.variant() + "\"",
                more,
                List.of(layers).hashCode());
    Digest configDigest = registry.addBlob(repository, config.getBytes(UTF_8));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d},\"layers\":[%s]}"
            .formatted(
                MediaType.OCI_MANIFEST,
                MediaType.OCI_CONFIG,
                configDigest,
                config.getBytes(UTF_8).length,
                json(List.of(layers)));
    Digest digest =
        registry.addManifest(repository, null, MediaType.OCI_MANIFEST, manifest.getBytes(UTF_8));
    return new Descriptor(
        MediaType.OCI_MANIFEST,
        digest,
        manifest.getBytes(UTF_8).length,
        Platform.parse(entry),
        null,
        Map.of(),
        List.of());
  }

  /** BuildKit's kind of statement about an image. */
  Descriptor attestation(Descriptor of) {
    Descriptor made = artifact(null, "application/vnd.in-toto+json", "{\"about\":1}", null);
    return new Descriptor(
        made.mediaType(),
        made.digest(),
        made.size(),
        new Platform("unknown", "unknown", null, null),
        null,
        Map.of(
            "vnd.docker.reference.digest",
            of.digest().toString(),
            "vnd.docker.reference.type",
            "attestation-manifest"),
        List.of());
  }

  /** A manifest that is no image; with a subject it is a referrer. */
  Descriptor artifact(
      @Nullable String tag, String type, String content, @Nullable Descriptor subject) {
    byte[] blob = content.getBytes(UTF_8);
    Digest blobDigest = registry.addBlob(repository, blob);
    byte[] empty = "{}".getBytes(UTF_8);
    Digest emptyDigest = registry.addBlob(repository, empty);
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2},\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}]%s}"
            .formatted(
                MediaType.OCI_MANIFEST,
                type,
                MediaType.OCI_EMPTY,
                emptyDigest,
                type,
                blobDigest,
                blob.length,
                subject == null ? "" : ",\"subject\":" + json(List.of(bare(subject))));
    byte[] bytes = manifest.getBytes(UTF_8);
    Digest digest = registry.addManifest(repository, tag, MediaType.OCI_MANIFEST, bytes);
    return new Descriptor(
        MediaType.OCI_MANIFEST, digest, bytes.length, null, type, Map.of(), List.of());
  }

  /** A list under a tag. */
  Descriptor index(String tag, Descriptor... entries) {
    byte[] bytes =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaType.OCI_INDEX, json(List.of(entries)))
            .getBytes(UTF_8);
    Digest digest = registry.addManifest(repository, tag, MediaType.OCI_INDEX, bytes);
    return Descriptor.of(MediaType.OCI_INDEX, digest, bytes.length);
  }

  /** Two platforms with three layers each, one of them shared, under a tag. */
  Descriptor twoPlatforms(String tag) {
    Descriptor shared = layer("shared by all");
    return index(
        tag,
        image("linux/amd64", shared, layer(tag + " amd64 a"), layer(tag + " amd64 b")),
        image("linux/arm64", shared, layer(tag + " arm64 a"), layer(tag + " arm64 b")));
  }

  /** Gives a manifest that is there a tag. */
  void tag(String tag, Descriptor manifest) {
    registry.addManifest(
        repository,
        tag,
        manifest.mediaType(),
        registry.manifest(repository, manifest.digest().toString()).bytes());
  }

  private static Descriptor bare(Descriptor descriptor) {
    return Descriptor.of(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  static String json(List<Descriptor> descriptors) {
    return descriptors.stream().map(SourceImages::json).collect(Collectors.joining(","));
  }

  private static String json(Descriptor descriptor) {
    List<String> fields = new ArrayList<>();
    fields.add("\"mediaType\":\"" + descriptor.mediaType() + "\"");
    fields.add("\"digest\":\"" + descriptor.digest() + "\"");
    fields.add("\"size\":" + descriptor.size());
    if (descriptor.artifactType() != null) {
      fields.add("\"artifactType\":\"" + descriptor.artifactType() + "\"");
    }
    Platform platform = descriptor.platform();
    if (platform != null) {
      fields.add(
          "\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s%s}"
              .formatted(
                  platform.os(),
                  platform.architecture(),
                  platform.variant() == null ? "" : ",\"variant\":\"" + platform.variant() + "\"",
                  platform.osVersion() == null
                      ? ""
                      : ",\"os.version\":\"" + platform.osVersion() + "\""));
    }
    if (!descriptor.annotations().isEmpty()) {
      fields.add(
          "\"annotations\":{"
              + descriptor.annotations().entrySet().stream()
                  .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                  .collect(Collectors.joining(","))
              + "}");
    }
    return "{" + String.join(",", fields) + "}";
  }
}
