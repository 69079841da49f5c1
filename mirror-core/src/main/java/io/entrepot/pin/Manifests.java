package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.render.ManifestReader;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Reading;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What rendered manifests hold that a digest can break.
 *
 * @param images every image, as far as it is one
 * @param malformed what stands where an image belongs and is none
 * @param labels the values of labels
 * @param selectors the values of labels that something is selected by
 */
record Manifests(
    Set<ImageReference> images, List<String> malformed, Set<String> labels, Set<String> selectors) {

  /** Kubernetes' rule for the value of a label. */
  private static final Pattern LABEL =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");

  private static final Set<String> LABEL_KEYS = Set.of("labels", "matchLabels", "commonLabels");
  private static final String SELECTOR_KEY = "matchLabels";

  static Manifests of(String text) {
    List<SourceNode> documents = ManifestReader.nodes(text);
    Set<ImageReference> images = new HashSet<>();
    List<String> malformed = new ArrayList<>();
    for (ImageSite site : ImageSites.of("manifests.yaml", documents, List.of()).sites()) {
      switch (site.reading()) {
        case Reading.Image image -> images.add(image.reference());
        case Reading.Unclear unclear -> malformed.add(unclear.written());
        case Reading.Chart _, Reading.ChartRegistry _ -> {}
      }
    }
    Set<String> labels = new HashSet<>();
    Set<String> selectors = new HashSet<>();
    documents.forEach(document -> labels(document, labels, selectors));
    return new Manifests(images, malformed, labels, selectors);
  }

  private static void labels(SourceNode node, Set<String> labels, Set<String> selectors) {
    switch (node) {
      case SourceMapping mapping -> {
        for (SourceMapping.Entry entry : mapping.entries()) {
          if (LABEL_KEYS.contains(entry.name()) && entry.value() instanceof SourceMapping map) {
            for (SourceMapping.Entry label : map.entries()) {
              if (label.value() instanceof ScalarSite value) {
                labels.add(value.value());
                if (entry.name().equals(SELECTOR_KEY)) {
                  selectors.add(value.value());
                }
              }
            }
          } else {
            labels(entry.value(), labels, selectors);
          }
        }
      }
      case SourceSequence sequence ->
          sequence.items().forEach(item -> labels(item, labels, selectors));
      default -> {}
    }
  }

  /** Whether an image is rendered, by the digest where it has one, else by its tag. */
  boolean has(ImageReference image) {
    return images.stream().anyMatch(other -> same(image, other));
  }

  /** Whether an image is rendered by its tag, without the digest it is to have. */
  boolean hasWithout(ImageReference image, Digest digest) {
    return images.stream().anyMatch(other -> same(image, other) && !digest.equals(other.digest()));
  }

  private static boolean same(ImageReference image, ImageReference other) {
    if (!image.repository().equals(other.repository())) {
      return false;
    }
    if (image.digest() != null && other.digest() != null) {
      return image.digest().equals(other.digest());
    }
    return Objects.equals(image.orLatest().tag(), other.orLatest().tag());
  }

  boolean has(Resolution.Pinned pinned) {
    return images.stream()
        .anyMatch(
            other ->
                other.repository().equals(pinned.repository())
                    && pinned.digest().equals(other.digest()));
  }

  /** Label values that a cluster would refuse. */
  Set<String> invalidLabels() {
    Set<String> invalid = new HashSet<>(labels);
    invalid.removeIf(value -> LABEL.matcher(value).matches());
    return invalid;
  }

  /** Whether a selector has a digest, or the beginning of one, in it. */
  boolean selects(Digest digest) {
    String beginning = digest.shortHex(12);
    return selectors.stream().anyMatch(value -> value.contains(beginning));
  }
}
