package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.List;

/** {@code image: name} with {@code tag} or {@code digest} beside it. */
final class SplitImage implements Format {

  /** The second is that of Prometheus' operator, which joins it with the tag. */
  private static final List<String> NAME_KEYS = List.of("image", "baseImage");

  private static final List<String> TAG_KEYS = List.of("tag", "imageTag");
  private static final List<String> VERSION_KEYS = List.of("tag", "version");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Segment image = MapFields.first(mapping, NAME_KEYS);
    if (image == null
        || image.isEmpty()
        || ImageWords.url(image.text())
        || isNamedOtherwise(mapping, context)) {
      return Claim.NONE;
    }
    Segment tag = MapFields.first(mapping, TAG_KEYS);
    Segment digest = MapFields.digest(mapping);
    if (tag == null && digest == null) {
      return Claim.NONE;
    }
    boolean whole =
        ImageWords.reference(image.text())
            .map(r -> r.tag() != null || r.digest() != null)
            .orElse(!ImageWords.templated(image.text()));
    if (whole) {
      return Claim.NONE;
    }
    return new Claim.Builder()
        .siteAlone(
            ImageSite.ofFields(
                Layout.SPLIT,
                context.path(),
                Readings.image(null, image, tag, digest, context.shared().tag()),
                null,
                image,
                tag,
                digest,
                mapping))
        .take(image)
        .take(tag)
        .build();
  }

  /** Whether other keys of the map name the image that tag and digest belong to. */
  private static boolean isNamedOtherwise(SourceMapping mapping, SiteContext context) {
    if (MapFields.find(mapping, "repository") != null) {
      return true;
    }
    if (!context.isImage()) {
      return false;
    }
    return MapFields.find(mapping, "repo") != null
        || (MapFields.find(mapping, "ref") != null && ImageWords.imageParent(context.key()))
        || (!MapFields.text(mapping, "name").isEmpty()
            && (MapFields.first(mapping, VERSION_KEYS) != null
                || MapFields.digest(mapping) != null));
  }
}
