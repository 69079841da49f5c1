package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Images of every kind found in registries, made as bytes; equal calls give equal bytes. */
public final class TestImages {

  /** The artifact type of an SPDX SBOM. */
  public static final String SPDX = "application/spdx+json";

  /** The artifact type of a Notary Project signature. */
  public static final String NOTATION = "application/vnd.cncf.notary.signature";

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);
  private static final MediaType IN_TOTO = new MediaType("application/vnd.in-toto+json");
  private static final MediaType COSIGN =
      new MediaType("application/vnd.dev.cosign.simplesigning.v1+json");
  private static final MediaType HELM_CONFIG =
      new MediaType("application/vnd.cncf.helm.config.v1+json");
  private static final MediaType HELM_CHART =
      new MediaType("application/vnd.cncf.helm.chart.content.v1.tar+gzip");

  private TestImages() {}

  // Images

  /** An image whose entrypoint is a program for its platform, in one layer. */
  public static TestImage image(String platform) {
    return image(
        platform, Layer.files().program("app", Platform.parse(platform).architecture()).gzip());
  }

  /** An OCI image of these layers with the entrypoint {@code /app}. */
  public static TestImage image(String platform, Layer... layers) {
    return builder(platform).layers(layers).build();
  }

  /** A Docker schema 2 image of these layers with the entrypoint {@code /app}. */
  public static TestImage dockerImage(String platform, Layer... layers) {
    return builder(platform).layers(layers).docker().build();
  }

  /** An image whose index entry and configuration say one platform and whose program another. */
  public static TestImage mislabelled(String said, String architecture) {
    return image(said, Layer.files().program("app", architecture).gzip());
  }

  /**
   * An image as of busybox: {@code /bin/sh} is a link to {@code busybox}, which is a program for
   * the given processor; it is started by name, by way of {@code PATH}.
   */
  public static TestImage busybox(String platform, String architecture) {
    Layer layer =
        Layer.files()
            .directory("bin")
            .program("bin/busybox", architecture)
            .symlink("bin/sh", "busybox")
            .gzip();
    return builder(platform).layers(layer).entrypoint().command("sh").build();
  }

  /** Begins an image. */
  public static Builder builder(String platform) {
    return new Builder(platform);
  }

  // Indexes

  /** An OCI index. */
  public static TestImage index(TestImage... entries) {
    return index(MediaType.OCI_INDEX, Map.of(), List.of(entries));
  }

  /** A Docker manifest list. */
  public static TestImage dockerList(TestImage... entries) {
    return index(MediaType.DOCKER_LIST, Map.of(), List.of(entries));
  }

  /** An index of one small image for each platform. */
  public static TestImage multiPlatform(String... platforms) {
    return index(List.of(platforms).stream().map(TestImages::image).toArray(TestImage[]::new));
  }

  /** An index as BuildKit pushes it: an image and an attestation for each platform. */
  public static TestImage withAttestations(String... platforms) {
    List<TestImage> entries = new ArrayList<>();
    List.of(platforms).forEach(platform -> entries.add(image(platform)));
    List.copyOf(entries).forEach(image -> entries.add(attestation(image)));
    return index(MediaType.OCI_INDEX, Map.of(), entries);
  }

  /** An index of that type with annotations. */
  public static TestImage index(
      MediaType mediaType, Map<String, String> annotations, List<TestImage> entries) {
    ObjectNode root = document(mediaType);
    ArrayNode manifests = root.putArray("manifests");
    entries.forEach(entry -> manifests.add(json(entry.entry())));
    annotate(root, annotations);
    return new TestImage(raw(mediaType, root), List.of(), entries, null, null);
  }

  // Statements about images

  /** Provenance as BuildKit attaches it: an {@code unknown/unknown} entry of the same index. */
  public static TestImage attestation(TestImage about) {
    byte[] statement =
        ("{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[{\"digest\":{\"sha256\":\""
                + about.digest().hex()
                + "\"}}],\"predicateType\":\"https://slsa.dev/provenance/v0.2\"}")
            .getBytes(UTF_8);
    Descriptor layer =
        new Descriptor(
            IN_TOTO,
            Digest.of(statement),
            statement.length,
            null,
            null,
            Map.of("in-toto.io/predicate-type", "https://slsa.dev/provenance/v0.2"),
            List.of());
    byte[] config =
        ("{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},\"rootfs\":{\"type\":"
                + "\"layers\",\"diff_ids\":[\""
                + Digest.of(statement)
                + "\"]}}")
            .getBytes(UTF_8);
    return artifact(null, MediaType.OCI_CONFIG, config, List.of(layer), List.of(statement), null)
        .listedAs("unknown/unknown")
        .listedWith(
            Map.of(
                "vnd.docker.reference.type",
                "attestation-manifest",
                "vnd.docker.reference.digest",
                about.digest().toString()));
  }

  /** A referrer: an artifact of that type with {@code about} as its subject. */
  public static TestImage referrer(TestImage about, String artifactType, byte[] payload) {
    Descriptor layer = Descriptor.of(MediaType.OCTET_STREAM, Digest.of(payload), payload.length);
    return artifact(
        artifactType,
        MediaType.OCI_EMPTY,
        EMPTY,
        List.of(layer),
        List.of(payload),
        about.manifest().descriptor());
  }

  /** The list of referrers for registries without the API, to be pushed under a fallback tag. */
  public static TestImage referrersList(TestImage... referrers) {
    return index(referrers);
  }

  /** The fallback tag under which the referrers of an image are listed. */
  public static String referrersTag(TestImage about) {
    return Tag.referrersOf(about.digest()).value();
  }

  /** A signature as cosign attaches it by tag; see {@link #cosignTag}. */
  public static TestImage cosignSignature(TestImage about) {
    byte[] payload =
        ("{\"critical\":{\"image\":{\"docker-manifest-digest\":\""
                + about.digest()
                + "\"},\"type\":\"cosign container image signature\"}}")
            .getBytes(UTF_8);
    Descriptor layer =
        new Descriptor(
            COSIGN,
            Digest.of(payload),
            payload.length,
            null,
            null,
            Map.of("dev.cosignproject.cosign/signature", "MEUCIQ=="),
            List.of());
    byte[] config =
        ("{\"architecture\":\"\",\"os\":\"\",\"config\":{},\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\""
                + Digest.of(payload)
                + "\"]}}")
            .getBytes(UTF_8);
    return artifact(null, MediaType.OCI_CONFIG, config, List.of(layer), List.of(payload), null);
  }

  /** The tag of cosign's attachment {@code sig}, {@code att} or {@code sbom}. */
  public static String cosignTag(TestImage about, String suffix) {
    return Tag.attachmentOf(about.digest(), suffix).value();
  }

  // Other artifacts

  /** A Helm chart as {@code helm push} makes it. */
  public static TestImage helmChart(String name, String version) {
    byte[] chart =
        Layer.files()
            .file(
                name + "/Chart.yaml",
                "apiVersion: v2\nname: %s\nversion: %s\n".formatted(name, version).getBytes(UTF_8))
            .gzip()
            .bytes();
    byte[] config =
        "{\"name\":\"%s\",\"version\":\"%s\",\"apiVersion\":\"v2\"}"
            .formatted(name, version)
            .getBytes(UTF_8);
    Descriptor layer = Descriptor.of(HELM_CHART, Digest.of(chart), chart.length);
    return artifact(null, HELM_CONFIG, config, List.of(layer), List.of(chart), null);
  }

  /** An artifact without subject. */
  public static TestImage artifact(String artifactType, byte[] payload) {
    Descriptor layer = Descriptor.of(MediaType.OCTET_STREAM, Digest.of(payload), payload.length);
    return artifact(
        artifactType, MediaType.OCI_EMPTY, EMPTY, List.of(layer), List.of(payload), null);
  }

  private static TestImage artifact(
      @Nullable String artifactType,
      MediaType configType,
      byte[] config,
      List<Descriptor> layers,
      List<byte[]> payloads,
      @Nullable Descriptor subject) {
    ObjectNode root = document(MediaType.OCI_MANIFEST);
    if (artifactType != null) {
      root.put("artifactType", artifactType);
    }
    root.set("config", json(Descriptor.of(configType, Digest.of(config), config.length)));
    ArrayNode list = root.putArray("layers");
    layers.forEach(layer -> list.add(json(layer)));
    if (subject != null) {
      root.set("subject", json(subject));
    }
    List<byte[]> blobs = new ArrayList<>();
    blobs.add(config);
    blobs.addAll(payloads);
    return new TestImage(raw(MediaType.OCI_MANIFEST, root), blobs, List.of(), null, artifactType);
  }

  private static ObjectNode document(MediaType mediaType) {
    return MAPPER.createObjectNode().put("schemaVersion", 2).put("mediaType", mediaType.value());
  }

  private static ObjectNode json(Descriptor descriptor) {
    ObjectNode node =
        MAPPER
            .createObjectNode()
            .put("mediaType", descriptor.mediaType().value())
            .put("digest", descriptor.digest().toString())
            .put("size", descriptor.size());
    if (!descriptor.urls().isEmpty()) {
      ArrayNode urls = node.putArray("urls");
      descriptor.urls().forEach(urls::add);
    }
    annotate(node, descriptor.annotations());
    Platform platform = descriptor.platform();
    if (platform != null) {
      ObjectNode written =
          node.putObject("platform")
              .put("architecture", platform.architecture())
              .put("os", platform.os());
      if (platform.variant() != null) {
        written.put("variant", platform.variant());
      }
      if (platform.osVersion() != null) {
        written.put("os.version", platform.osVersion());
      }
    }
    if (descriptor.artifactType() != null) {
      node.put("artifactType", descriptor.artifactType());
    }
    return node;
  }

  private static void annotate(ObjectNode node, Map<String, String> annotations) {
    if (!annotations.isEmpty()) {
      ObjectNode written = node.putObject("annotations");
      new TreeMap<>(annotations).forEach(written::put);
    }
  }

  // Spaces and line ends as BuildKit writes them: whoever writes the JSON anew changes the digest.
  private static RawManifest raw(MediaType mediaType, ObjectNode root) {
    return RawManifest.of(
        mediaType, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
  }

  /** An image in the making. */
  public static final class Builder {

    private final Platform platform;
    private final List<Layer> layers = new ArrayList<>();
    private final List<Descriptor> foreign = new ArrayList<>();
    private final Map<String, String> annotations = new TreeMap<>();
    private @Nullable Platform configured;
    private List<String> entrypoint = List.of("/app");
    private List<String> command = List.of();
    private String workingDirectory = "";
    private @Nullable String path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private boolean docker;
    private @Nullable Descriptor subject;

    private Builder(String platform) {
      this.platform = Platform.parse(platform);
      configured = this.platform;
    }

    /** Adds layers, the lowest first. */
    public Builder layers(Layer... more) {
      layers.addAll(List.of(more));
      return this;
    }

    /** Adds a layer of Windows that no registry holds. */
    public Builder foreignLayer(String url) {
      byte[] bytes = url.getBytes(UTF_8);
      foreign.add(
          new Descriptor(
              new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
              Digest.of(bytes),
              bytes.length,
              null,
              null,
              Map.of(),
              List.of(url)));
      return this;
    }

    /** What the configuration says, where that differs from what an index says. */
    public Builder configured(String other) {
      configured = Platform.parse(other);
      return this;
    }

    /** A configuration that names no platform. */
    public Builder configuredWithoutPlatform() {
      configured = null;
      return this;
    }

    /** The entrypoint, {@code /app} unless said; none for no words. */
    public Builder entrypoint(String... words) {
      entrypoint = List.of(words);
      return this;
    }

    /** The command. */
    public Builder command(String... words) {
      command = List.of(words);
      return this;
    }

    /** The working directory. */
    public Builder workingDirectory(String directory) {
      workingDirectory = directory;
      return this;
    }

    /** The variable {@code PATH}; null for none. */
    public Builder path(@Nullable String value) {
      path = value;
      return this;
    }

    /** Docker's media types in place of OCI's. */
    public Builder docker() {
      docker = true;
      return this;
    }

    /** An annotation of the manifest. */
    public Builder annotation(String key, String value) {
      annotations.put(key, value);
      return this;
    }

    /** The image this one makes a statement about. */
    public Builder subject(TestImage about) {
      subject = about.manifest().descriptor();
      return this;
    }

    /** Makes the image. */
    public TestImage build() {
      byte[] config = config();
      MediaType type = docker ? MediaType.DOCKER_MANIFEST : MediaType.OCI_MANIFEST;
      ObjectNode root = document(type);
      MediaType configType = docker ? MediaType.DOCKER_CONFIG : MediaType.OCI_CONFIG;
      root.set("config", json(Descriptor.of(configType, Digest.of(config), config.length)));
      ArrayNode list = root.putArray("layers");
      List<byte[]> blobs = new ArrayList<>();
      blobs.add(config);
      foreign.forEach(layer -> list.add(json(layer)));
      for (Layer layer : layers) {
        byte[] bytes = layer.bytes();
        MediaType layerType =
            docker && layer.mediaType().equals(Layer.OCI_GZIP)
                ? Layer.DOCKER_GZIP
                : layer.mediaType();
        list.add(json(Descriptor.of(layerType, layer.digest(), bytes.length)));
        blobs.add(bytes);
      }
      if (subject != null) {
        root.set("subject", json(subject));
      }
      annotate(root, annotations);
      return new TestImage(raw(type, root), blobs, List.of(), platform, null);
    }

    private byte[] config() {
      ObjectNode root = MAPPER.createObjectNode();
      if (configured != null) {
        root.put("architecture", configured.architecture()).put("os", configured.os());
        if (configured.variant() != null) {
          root.put("variant", configured.variant());
        }
      }
      ObjectNode run = root.putObject("config");
      if (path != null) {
        run.putArray("Env").add("PATH=" + path);
      }
      words(run, "Entrypoint", entrypoint);
      words(run, "Cmd", command);
      if (!workingDirectory.isEmpty()) {
        run.put("WorkingDir", workingDirectory);
      }
      ArrayNode diffIds = root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
      foreign.forEach(layer -> diffIds.add(layer.digest().toString()));
      layers.forEach(layer -> diffIds.add(layer.diffId().toString()));
      return MAPPER.writeValueAsBytes(root);
    }

    private static void words(ObjectNode run, String name, List<String> words) {
      if (!words.isEmpty()) {
        ArrayNode list = run.putArray(name);
        words.forEach(list::add);
      }
    }
  }
}
