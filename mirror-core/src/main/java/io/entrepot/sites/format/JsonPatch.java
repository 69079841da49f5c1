package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;

/** An operation of a JSON patch (RFC 6902) whose path ends in an image's key. */
final class JsonPatch implements Format {

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Segment value = MapFields.find(mapping, "value");
    String target = value == null ? "" : MapFields.text(mapping, "path");
    if (value == null || !target.startsWith("/") || MapFields.text(mapping, "op").isEmpty()) {
      return Claim.NONE;
    }
    String last = target.substring(target.lastIndexOf('/') + 1);
    return ImageWords.imageKey(last) && ImageWords.acceptable(value.text())
        ? Claim.of(ImageSite.ofReference(Layout.STRING, context.path().key("value"), value))
        : Claim.NONE;
  }
}
