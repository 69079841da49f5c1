package io.entrepot.sites;

import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/**
 * What a chart's {@code global:} says for every image below it.
 *
 * @param overriding {@code global.imageRegistry}, which replaces an image's own registry
 * @param fallback {@code global.image.registry}, for images without a registry
 * @param tag {@code global.imageTag}, for images without a tag
 */
public record SharedRegistries(
    @Nullable Segment overriding, @Nullable Segment fallback, @Nullable Segment tag) {

  /** Nothing is shared. */
  public static final SharedRegistries NONE = new SharedRegistries(null, null, null);

  /** What holds inside a map: its own {@code global:} where it has one. */
  SharedRegistries within(SourceMapping mapping) {
    if (!(mapping.get("global") instanceof SourceMapping global)) {
      return this;
    }
    Segment inImage =
        global.get("image") instanceof SourceMapping image
            ? MapFields.find(image, "registry")
            : null;
    return new SharedRegistries(
        filled(MapFields.find(global, "imageRegistry")),
        filled(inImage),
        filled(MapFields.find(global, "imageTag")));
  }

  private static @Nullable Segment filled(@Nullable Segment segment) {
    return segment == null || segment.isEmpty() ? null : segment;
  }
}
