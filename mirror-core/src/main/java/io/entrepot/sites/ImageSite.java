package io.entrepot.sites;

import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/**
 * A place in a file that names an image or a chart.
 *
 * <p>The segments are what may be written; together they are one image and change together or not
 * at all.
 */
public final class ImageSite {

  private final Layout layout;
  private final String path;
  private final String identity;
  private final Reading reading;
  private final @Nullable Segment registry;
  private final Segment name;
  private final @Nullable Segment tag;
  private final @Nullable Segment digest;
  private final @Nullable SourceMapping mapping;
  private final @Nullable Segment above;

  ImageSite(
      Layout layout,
      SitePath path,
      Reading reading,
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable SourceMapping mapping) {
    this(layout, path, reading, registry, name, tag, digest, mapping, null);
  }

  /**
   * @param above a registry that may stand before this image's name, written for several images
   */
  ImageSite(
      Layout layout,
      SitePath path,
      Reading reading,
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable SourceMapping mapping,
      @Nullable Segment above) {
    this.layout = layout;
    this.path = path.text();
    this.identity = path.identity();
    this.reading = reading;
    this.registry = registry;
    this.name = name;
    this.tag = tag;
    this.digest = digest;
    this.mapping = mapping;
    this.above = above;
  }

  /** How the image is written. */
  public Layout layout() {
    return layout;
  }

  /** The YAML path, list items by number. */
  public String path() {
    return path;
  }

  /** The YAML path, list items and documents by name where they have one. */
  public String identity() {
    return identity;
  }

  /** What is written there. */
  public Reading reading() {
    return reading;
  }

  /** The line of the name (the repository where it stands alone), from 1. */
  public int line() {
    return name.line();
  }

  /** Whether any of the site's fields stands on a line. */
  public boolean touches(int line) {
    return name.line() == line
        || (registry != null && registry.line() == line)
        || (tag != null && tag.line() == line)
        || (digest != null && digest.line() == line);
  }

  public @Nullable Segment registry() {
    return registry;
  }

  public Segment name() {
    return name;
  }

  public @Nullable Segment tag() {
    return tag;
  }

  public @Nullable Segment digest() {
    return digest;
  }

  public @Nullable Segment above() {
    return above;
  }

  public @Nullable SourceMapping mapping() {
    return mapping;
  }

  @Override
  public String toString() {
    return "%s (%s, line %d, %s)".formatted(reading, path, line(), layout.words());
  }
}
