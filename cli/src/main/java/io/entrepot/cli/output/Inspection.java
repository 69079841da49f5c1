package io.entrepot.cli.output;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code inspect} shows of an image.
 *
 * @param parts the manifests of a list, or the one manifest
 * @param referrers what refers to the root
 * @param judged what the policy says; empty without one
 */
public record Inspection(
    ImageReference reference,
    RawManifest root,
    Manifest manifest,
    List<Part> parts,
    List<Descriptor> referrers,
    Optional<Judged> judged) {

  private static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";

  public Inspection {
    parts = List.copyOf(parts);
    referrers = List.copyOf(referrers);
  }

  /**
   * One manifest, as its parent points to it.
   *
   * @param manifest null for an entry that is no manifest, as those of BuildKit's caches
   */
  public record Part(Descriptor entry, @Nullable Manifest manifest) {

    /**
     * Bytes of the configuration and the layers, of the entries of a nested list, or of what is no
     * manifest.
     */
    long size() {
      return manifest == null
          ? entry.size()
          : manifest.children().stream().mapToLong(Descriptor::size).sum();
    }

    int layers() {
      return manifest instanceof ImageManifest image ? image.layers().size() : 0;
    }
  }

  /** Lines of text for a terminal. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(reference.toString());
    lines.add("  digest     " + root.digest());
    lines.add("  type       " + kind());
    parts.stream()
        .filter(part -> !part.entry().isAttestation())
        .forEach(
            part ->
                lines.add(
                    "  %-10s %-16s %10s in %s  %s"
                        .formatted(
                            part.manifest() == null ? "content" : "image",
                            part.manifest() == null
                                ? part.entry().mediaType().value()
                                : label(part),
                            Amounts.bytes(part.size()),
                            Amounts.count(part.layers(), "layer"),
                            part.entry().digest())));
    parts.stream()
        .filter(part -> part.entry().isAttestation())
        .forEach(
            part ->
                lines.add(
                    "  %-10s of %s  %s"
                        .formatted(
                            "attested",
                            part.entry().annotations().getOrDefault(REFERENCE_DIGEST, "?"),
                            String.join(", ", predicates(part)))));
    annotations().forEach((key, value) -> lines.add("  %-10s %s=%s".formatted("note", key, value)));
    referrers.forEach(
        descriptor ->
            lines.add(
                "  %-10s %s  %s  %s"
                    .formatted(
                        "referrer",
                        artifactType(descriptor),
                        Amounts.bytes(descriptor.size()),
                        descriptor.digest())));
    judged.ifPresent(
        policy -> {
          lines.add("  %-10s %s".formatted("policy", policy.problem().orElse("admitted")));
          policy.lines().forEach(line -> lines.add("  " + line));
        });
    return lines;
  }

  /** The JSON document of {@code --output json}. */
  public ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("reference", reference.toString());
    json.put("digest", root.digest().toString());
    json.put("mediaType", root.descriptor().mediaType().value());
    json.put("list", manifest instanceof Index);
    ObjectNode annotations = json.putObject("annotations");
    annotations().forEach(annotations::put);
    ArrayNode images = json.putArray("images");
    ArrayNode attestations = json.putArray("attestations");
    for (Part part : parts) {
      if (part.entry().isAttestation()) {
        ObjectNode node = attestations.addObject();
        node.put("digest", part.entry().digest().toString());
        node.put("subject", part.entry().annotations().get(REFERENCE_DIGEST));
        node.set("predicates", Json.texts(predicates(part)));
      } else {
        images
            .addObject()
            .put("platform", part.entry().platform() == null ? null : platform(part))
            .put("digest", part.entry().digest().toString())
            .put("mediaType", part.entry().mediaType().value())
            .put("size", part.size())
            .put("layers", part.layers());
      }
    }
    ArrayNode refer = json.putArray("referrers");
    referrers.forEach(
        descriptor ->
            refer
                .addObject()
                .put("digest", descriptor.digest().toString())
                .put("artifactType", artifactType(descriptor))
                .put("size", descriptor.size()));
    judged.ifPresent(
        policy -> {
          json.set("signatures", policy.json());
          ObjectNode decision = json.putObject("policy").put("decision", policy.word());
          policy.problem().ifPresent(why -> decision.put("reason", why));
        });
    return json;
  }

  private String kind() {
    String type = root.descriptor().mediaType().value();
    return switch (manifest) {
      case Index index ->
          "manifest list, %s (%s)".formatted(Amounts.count(index.images().size(), "image"), type);
      case ImageManifest image when image.isRunnable() ->
          "one image, NOT a manifest list (%s)".formatted(type);
      case ImageManifest image -> "artifact %s (%s)".formatted(artifactType(image), type);
    };
  }

  private Map<String, String> annotations() {
    return new TreeMap<>(
        switch (manifest) {
          case Index index -> index.annotations();
          case ImageManifest image -> image.annotations();
        });
  }

  private static String label(Part part) {
    return part.entry().platform() == null ? "-" : part.entry().platform().label();
  }

  private static String platform(Part part) {
    return part.entry().platform() == null ? "-" : part.entry().platform().toString();
  }

  private static List<String> predicates(Part part) {
    if (!(part.manifest() instanceof ImageManifest image)) {
      return List.of();
    }
    return image.layers().stream()
        .map(
            layer ->
                layer
                    .annotations()
                    .getOrDefault("in-toto.io/predicate-type", layer.mediaType().value()))
        .toList();
  }

  private static String artifactType(Descriptor descriptor) {
    return descriptor.artifactType() == null
        ? descriptor.mediaType().value()
        : descriptor.artifactType();
  }

  private static @Nullable String artifactType(ImageManifest image) {
    if (image.artifactType() != null) {
      return image.artifactType();
    }
    return image.config() == null ? null : image.config().mediaType().value();
  }
}
