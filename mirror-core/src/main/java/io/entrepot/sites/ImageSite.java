package io.entrepot.sites;

import io.entrepot.text.FilePosition;
import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/**
 * A place in a file that names an image or a chart.
 *
 * <p>The segments are what may be written; together they are one image and change together or not
 * at all. Sites are told apart by where they are: two of the same content are two.
 */
public final class ImageSite {

  private final Layout layout;
  private final SitePath where;
  private final Reading reading;
  private final @Nullable Segment registry;
  private final Segment name;
  private final @Nullable Segment tag;
  private final @Nullable Segment digest;
  private final @Nullable SourceMapping mapping;
  private final @Nullable Segment above;

  private ImageSite(
      Layout layout,
      SitePath where,
      Reading reading,
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable SourceMapping mapping,
      @Nullable Segment above) {
    this.layout = layout;
    this.where = where;
    this.reading = reading;
    this.registry = registry;
    this.name = name;
    this.tag = tag;
    this.digest = digest;
    this.mapping = mapping;
    this.above = above;
  }

  /** A site of one text. */
  public static ImageSite ofText(Layout layout, SitePath path, Reading reading, Segment text) {
    return new ImageSite(layout, path, reading, null, text, null, null, null, null);
  }

  /** A site of one text that is a whole reference. */
  public static ImageSite ofReference(Layout layout, SitePath path, Segment text) {
    return ofText(layout, path, Readings.image(text.text()), text);
  }

  /** A text that is a part of an image, or stands for one without saying which. */
  public static ImageSite ofPart(SitePath path, Reading reading, Segment text) {
    return ofText(Layout.MAP, path, reading, text);
  }

  /**
   * A site whose parts are fields of their own.
   *
   * @param mapping the map whose keys they are; null where no key can be added
   */
  public static ImageSite ofFields(
      Layout layout,
      SitePath path,
      Reading reading,
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable SourceMapping mapping) {
    return new ImageSite(layout, path, reading, registry, name, tag, digest, mapping, null);
  }

  /** The same site below a registry that is written for several images, or null for none. */
  public ImageSite below(@Nullable Segment shared) {
    return new ImageSite(
        layout, where, reading, registry, name, tag, digest, mapping, /* above= */ shared);
  }

  /** How the image is written. */
  public Layout layout() {
    return layout;
  }

  /** Where it stands in its document. */
  public SitePath where() {
    return where;
  }

  /** The YAML path, list items by number. */
  public String path() {
    return where.text();
  }

  /** The YAML path, list items and documents by name where they have one. */
  public String identity() {
    return where.identity();
  }

  /** What is written there. */
  public Reading reading() {
    return reading;
  }

  /** The line of the name (the repository where it stands alone), from 1. */
  public int line() {
    return name.line();
  }

  /** The line of the name in a file. */
  public FilePosition in(String file) {
    return FilePosition.of(file, line());
  }

  /** Whether any of the site's fields stands on a line. */
  public boolean touches(int line) {
    return name.line() == line
        || (registry != null && registry.line() == line)
        || (tag != null && tag.line() == line)
        || (digest != null && digest.line() == line);
  }

  /** The field that names the registry, or null. */
  public @Nullable Segment registry() {
    return registry;
  }

  /** The repository where it stands alone, else the whole reference. */
  public Segment name() {
    return name;
  }

  /** The field that holds the tag, or null. */
  public @Nullable Segment tag() {
    return tag;
  }

  /** The field that holds the digest, or null. */
  public @Nullable Segment digest() {
    return digest;
  }

  /** A registry that may stand before this image's name, written for several images, or null. */
  public @Nullable Segment above() {
    return above;
  }

  /** The map whose keys the fields are, or null. */
  public @Nullable SourceMapping mapping() {
    return mapping;
  }

  @Override
  public String toString() {
    return "%s (%s, line %d, %s)".formatted(reading, path(), line(), layout.words());
  }
}
