package io.entrepot.pin;

import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/**
 * A place in a file that names an image or a chart.
 *
 * <p>The pieces are what may be written; together they are one image and change together or not at
 * all.
 */
public final class ImageSite {

  private final Shape shape;
  private final String path;
  private final String identity;
  private final Reading reading;
  private final @Nullable Piece registry;
  private final Piece name;
  private final @Nullable Piece tag;
  private final @Nullable Piece digest;
  private final @Nullable SourceMapping mapping;
  private final @Nullable Piece above;

  ImageSite(
      Shape shape,
      SitePath path,
      Reading reading,
      @Nullable Piece registry,
      Piece name,
      @Nullable Piece tag,
      @Nullable Piece digest,
      @Nullable SourceMapping mapping) {
    this(shape, path, reading, registry, name, tag, digest, mapping, null);
  }

  /**
   * @param above a registry that may stand before this image's name, written for several images
   */
  ImageSite(
      Shape shape,
      SitePath path,
      Reading reading,
      @Nullable Piece registry,
      Piece name,
      @Nullable Piece tag,
      @Nullable Piece digest,
      @Nullable SourceMapping mapping,
      @Nullable Piece above) {
    this.shape = shape;
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
  public Shape shape() {
    return shape;
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

  @Nullable Piece registry() {
    return registry;
  }

  Piece name() {
    return name;
  }

  @Nullable Piece tag() {
    return tag;
  }

  @Nullable Piece digest() {
    return digest;
  }

  @Nullable Piece above() {
    return above;
  }

  @Nullable SourceMapping mapping() {
    return mapping;
  }

  @Override
  public String toString() {
    return "%s (%s, line %d, %s)".formatted(reading, path, line(), shape.words());
  }
}
