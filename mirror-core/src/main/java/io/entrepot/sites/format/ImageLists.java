package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.DocumentKind;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;

/** An item of a list of images, and a reference in a registry that everybody knows in any list. */
final class ImageLists implements Format {

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    // What is listed under tags is what a build is pushed as.
    if (!context.inList() || context.key().equals("tags")) {
      return Claim.NONE;
    }
    String value = text.value().strip();
    boolean service =
        context.document().kind().equals(DocumentKind.GITLAB) && context.key().equals("services");
    boolean list = ImageWords.imageList(context.key()) || service;
    boolean image =
        ImageWords.unmistakable(value)
            || (list && ImageWords.acceptable(value) && !ImageWords.picture(value));
    return image
        ? Claim.of(
            ImageSite.ofReference(
                service ? Layout.SERVICE : Layout.STRING, context.path(), Segment.whole(text)))
        : Claim.NONE;
  }
}
