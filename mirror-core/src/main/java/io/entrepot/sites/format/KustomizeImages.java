package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.SitePath;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;

/** {@code images} of a kustomization, of Flux's object of the same name and of Argo CD's. */
final class KustomizeImages implements Format {

  @Override
  public Claim find(SourceSequence list, SiteContext context) {
    if (!isImages(context)) {
      return Claim.NONE;
    }
    Claim.Builder claim = new Claim.Builder();
    for (int i = 0; i < list.items().size(); i++) {
      SourceNode item = SiteContext.itemOf(list.items().get(i));
      SitePath path = context.itemPath(i, item);
      if (item instanceof SourceMapping entry) {
        entry(entry, path, claim.take(entry));
      } else if (item instanceof ScalarSite text) {
        text(text, path, claim.take(text));
      }
    }
    return claim.build();
  }

  private static boolean isImages(SiteContext context) {
    if (!context.key().equals("images")) {
      return false;
    }
    SitePath path = context.path();
    SitePath root = context.document().root();
    return path.endsWith("kustomize", "images")
        || (context.document().kind().isKustomization()
            && (path.isAt(root, "images") || path.isAt(root, "spec", "images")));
  }

  private static void entry(SourceMapping entry, SitePath path, Claim.Builder claim) {
    Segment name = MapFields.find(entry, "name");
    Segment newName = MapFields.find(entry, "newName");
    Segment newTag = MapFields.find(entry, "newTag");
    Segment digest = MapFields.find(entry, "digest");
    if (name == null || name.isEmpty()) {
      return;
    }
    if (newName == null && newTag == null && digest == null) {
      claim.dismiss(entry, path, "an entry that changes nothing");
      return;
    }
    Segment image = newName == null || newName.isEmpty() ? name : newName;
    Reading reading = Readings.image(null, image, newTag, digest, null);
    if (entry.entry("newDigest") != null) {
      reading =
          new Reading.Unclear(
              LeftReason.NOT_WRITABLE,
              "kustomize knows no field newDigest: the digest belongs into 'digest'",
              reading.toString());
    }
    claim.site(
        ImageSite.ofFields(Layout.KUSTOMIZE, path, reading, null, image, newTag, digest, entry));
  }

  /** {@code [old=]new[:tag][@digest]}. */
  private static void text(ScalarSite scalar, SitePath path, Claim.Builder claim) {
    String value = scalar.value().strip();
    if (!value.isEmpty()) {
      Reading reading = Readings.image(value.substring(value.indexOf('=') + 1));
      claim.site(ImageSite.ofText(Layout.KUSTOMIZE_TEXT, path, reading, Segment.whole(scalar)));
    }
  }
}
