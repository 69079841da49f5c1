package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.testing.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Small images made of bytes, put straight into a registry. */
final class SampleImage {

  private final TestRegistry registry;
  private final String repository;
  private final List<String> entries = new ArrayList<>();

  SampleImage(TestRegistry registry, String repository) {
    this.registry = registry;
    this.repository = repository;
  }

  /** Both platforms, three layers each, one of them shared. */
  static Digest twoPlatforms(TestRegistry registry, String repository, String tag) {
    return new SampleImage(registry, repository)
        .platform("amd64", "amd64", 62)
        .platform("arm64", "arm64", 183)
        .attestation()
        .index(tag);
  }

  /**
   * Adds the image of one platform.
   *
   * @param says what its configuration says
   * @param machine the ELF machine number of its program
   */
  SampleImage platform(String architecture, String says, int machine) {
    Digest manifest = manifest(null, says, machine);
    entries.add(
        descriptor(MediaType.OCI_MANIFEST, manifest, size(manifest))
            .replaceFirst(
                "}$",
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}}"));
    return this;
  }

  SampleImage attestation() {
    byte[] statement = "{\"_type\":\"https://in-toto.io/Statement/v0.1\"}".getBytes(UTF_8);
    Digest layer = registry.addBlob(repository, statement);
    byte[] config = "{\"architecture\":\"unknown\",\"os\":\"unknown\"}".getBytes(UTF_8);
    Digest configDigest = registry.addBlob(repository, config);
    Digest manifest =
        put(
            null,
            MediaType.OCI_MANIFEST,
            image(
                descriptor(MediaType.OCI_CONFIG, configDigest, config.length),
                List.of(
                    descriptor(
                        new MediaType("application/vnd.in-toto+json"), layer, statement.length))));
    entries.add(
        descriptor(MediaType.OCI_MANIFEST, manifest, size(manifest))
            .replaceFirst(
                "}$",
                ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},"
                    + "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}}"));
    return this;
  }

  Digest index(String tag) {
    String json =
        "{\n  \"schemaVersion\": 2,\n  \"mediaType\": \"%s\",\n  \"manifests\": [%s]\n}"
            .formatted(MediaType.OCI_INDEX, String.join(", ", entries));
    return put(tag, MediaType.OCI_INDEX, json);
  }

  /** One image without a list. */
  Digest manifest(@org.jspecify.annotations.Nullable String tag, String architecture, int machine) {
    byte[] config =
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"Entrypoint\":[\"/bin/app\"]},\"x\":\"%s\"}"
            .formatted(architecture, repository)
            .getBytes(UTF_8);
    List<byte[]> layers =
        List.of(
            tar("bin/app", elf(machine, repository.hashCode())),
            tar("etc/shared", "the same in every image".getBytes(UTF_8)),
            tar("data", random(200_000, (repository + architecture).hashCode())));
    Digest configDigest = registry.addBlob(repository, config);
    List<String> descriptors =
        layers.stream()
            .map(
                layer ->
                    descriptor(
                        new MediaType("application/vnd.oci.image.layer.v1.tar"),
                        registry.addBlob(repository, layer),
                        layer.length))
            .toList();
    return put(
        tag,
        MediaType.OCI_MANIFEST,
        image(descriptor(MediaType.OCI_CONFIG, configDigest, config.length), descriptors));
  }

  private Digest put(@org.jspecify.annotations.Nullable String tag, MediaType type, String json) {
    return registry.addManifest(repository, tag, type, json.getBytes(UTF_8));
  }

  private int size(Digest manifest) {
    return registry.manifest(repository, manifest.toString()).size();
  }

  private static String image(String config, List<String> layers) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(
            MediaType.OCI_MANIFEST, config, layers.stream().collect(Collectors.joining(",")));
  }

  private static String descriptor(MediaType type, Digest digest, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest, size);
  }

  private static byte[] elf(int machine, int seed) {
    byte[] bytes = random(4096, seed);
    byte[] header = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0};
    System.arraycopy(header, 0, bytes, 0, header.length);
    bytes[18] = (byte) machine;
    bytes[19] = 0;
    return bytes;
  }

  /** One regular file as a ustar archive. */
  private static byte[] tar(String name, byte[] content) {
    byte[] header = new byte[512];
    text(header, 0, name);
    text(header, 100, "0000755\0");
    text(header, 108, "0000000\0");
    text(header, 116, "0000000\0");
    text(header, 124, "%011o\0".formatted(content.length));
    text(header, 136, "00000000000\0");
    text(header, 148, "        ");
    header[156] = '0';
    text(header, 257, "ustar\00000");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    text(header, 148, "%06o\0 ".formatted(sum));
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.writeBytes(header);
    tar.writeBytes(content);
    tar.writeBytes(new byte[(512 - content.length % 512) % 512 + 1024]);
    return tar.toByteArray();
  }

  private static void text(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static byte[] random(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
