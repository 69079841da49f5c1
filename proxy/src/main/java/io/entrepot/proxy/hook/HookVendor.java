package io.entrepot.proxy.hook;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Whose events are understood, each in its own JSON. */
public enum HookVendor {
  /** Docker Hub: {@code push_data} and {@code repository}. */
  DOCKER_HUB(Proof.QUERY),
  /** GitHub's events {@code package} and {@code registry_package}. */
  GHCR(Proof.SIGNATURE),
  /** Quay: {@code docker_url} and {@code updated_tags}. */
  QUAY(Proof.QUERY),
  /** Harbor, in its own form and as CloudEvents. */
  HARBOR(Proof.HEADER),
  /** Azure's container registry, by itself and through Event Grid. */
  ACR(Proof.HEADER),
  /** Amazon's registry, through EventBridge. */
  ECR(Proof.HEADER);

  /** How a vendor proves who it is. */
  enum Proof {
    /** {@code ?secret=}. */
    QUERY,
    /** {@code Authorization}, else {@code ?secret=}. */
    HEADER,
    /** {@code X-Hub-Signature-256} over the body, and nothing else. */
    SIGNATURE
  }

  private final Proof proof;

  HookVendor(Proof proof) {
    this.proof = proof;
  }

  /** The word in addresses and in {@code proxy.yaml}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The vendor of that word. */
  public static Optional<HookVendor> of(String word) {
    return Arrays.stream(values()).filter(vendor -> vendor.word().equals(word)).findFirst();
  }

  Proof proof() {
    return proof;
  }

  /**
   * What an event says. Events about other things than pushed images say nothing.
   *
   * @throws MalformedException where it is none of this vendor's
   */
  List<ChangedImage> read(JsonNode event) {
    return List.copyOf(
        switch (this) {
          case DOCKER_HUB -> dockerHub(event);
          case GHCR -> ghcr(event);
          case QUAY -> quay(event);
          case HARBOR -> harbor(event);
          case ACR -> acr(event);
          case ECR -> ecr(event);
        });
  }

  private static List<ChangedImage> dockerHub(JsonNode event) {
    String name = text(event, "/repository/repo_name");
    return List.of(image("docker.io/" + name, optional(event, "/push_data/tag")));
  }

  private static List<ChangedImage> ghcr(JsonNode event) {
    if (event.has("zen")) {
      return List.of();
    }
    JsonNode published =
        event.has("package") ? event.path("package") : event.path("registry_package");
    String type = text(published, "/package_type");
    if (!type.equalsIgnoreCase("container") && !type.equalsIgnoreCase("docker")) {
      return List.of();
    }
    String owner =
        optional(published, "/owner/login").orElseGet(() -> text(published, "/namespace"));
    String name = text(published, "/name");
    return List.of(
        image(
            "ghcr.io/%s/%s".formatted(owner, name).toLowerCase(Locale.ROOT),
            optional(published, "/package_version/container_metadata/tag/name")));
  }

  private static List<ChangedImage> quay(JsonNode event) {
    String repository =
        optional(event, "/docker_url").orElseGet(() -> "quay.io/" + text(event, "/repository"));
    List<ChangedImage> images = new ArrayList<>();
    JsonNode tags = event.path("updated_tags");
    for (JsonNode tag : tags) {
      // Older ones send a map of tags.
      images.add(image(repository, Optional.of(tag.asString(""))));
    }
    return images.isEmpty() ? List.of(image(repository, Optional.empty())) : images;
  }

  private static List<ChangedImage> harbor(JsonNode event) {
    text(event, "/type");
    JsonNode data = event.has("event_data") ? event.path("event_data") : event.path("data");
    if (!data.isObject()) {
      throw new MalformedException("no event_data");
    }
    List<ChangedImage> images = new ArrayList<>();
    for (JsonNode resource : data.path("resources")) {
      images.add(image(text(resource, "/resource_url")));
    }
    return images;
  }

  private static List<ChangedImage> acr(JsonNode event) {
    List<ChangedImage> images = new ArrayList<>();
    if (event.isArray()) {
      for (JsonNode each : event) {
        images.addAll(acr(each.path("data")));
      }
      return images;
    }
    JsonNode target = event.path("target");
    if (optional(event, "/action").filter("ping"::equals).isPresent() && target.isMissingNode()) {
      return images;
    }
    images.add(
        image(
            text(event, "/request/host") + "/" + text(target, "/repository"),
            optional(target, "/tag")));
    return images;
  }

  private static List<ChangedImage> ecr(JsonNode event) {
    JsonNode detail = event.path("detail");
    String host =
        "%s.dkr.ecr.%s.amazonaws.com".formatted(text(event, "/account"), text(event, "/region"));
    return List.of(
        image(host + "/" + text(detail, "/repository-name"), optional(detail, "/image-tag")));
  }

  private static ChangedImage image(String reference) {
    ImageReference parsed = ImageReference.parse(reference);
    return new ChangedImage(
        parsed.repository(),
        parsed.digest() == null ? Optional.ofNullable(parsed.tag()) : Optional.empty());
  }

  private static ChangedImage image(String repository, Optional<String> tag) {
    return new ChangedImage(
        Repository.parse(repository), tag.filter(text -> !text.isEmpty()).map(Tag::new));
  }

  private static String text(JsonNode node, String pointer) {
    return optional(node, pointer)
        .orElseThrow(() -> new MalformedException("no " + pointer.substring(1)));
  }

  private static Optional<String> optional(JsonNode node, String pointer) {
    JsonNode found = node.at(pointer);
    return found.isString() && !found.asString().isEmpty()
        ? Optional.of(found.asString())
        : Optional.empty();
  }
}
