package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A reference under a key that says nothing: in a registry that everybody knows, or in a map of
 * images.
 */
final class KnownReferences implements Format {

  /** Keys under which an unmistakable reference is still not an image to pull. */
  private static final Set<String> NEVER =
      Set.of(
          "url",
          "repourl",
          "repository",
          "from",
          "matchimage",
          "currentimage",
          "depname",
          "id",
          "imageid",
          // Where a build is pushed to.
          "tags",
          "destination");

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (context.inList() || NEVER.contains(context.key().toLowerCase(Locale.ROOT))) {
      return Claim.NONE;
    }
    String value = text.value().strip();
    if (context.alias() == null && value.indexOf(':') != value.lastIndexOf(':')) {
      boolean list = ImageWords.imageList(context.key());
      List<ImageSite> several = TextLists.of(text, 0, text.value().length(), context.path(), list);
      if (several.size() > 1) {
        return new Claim(several, List.of(text), List.of());
      }
    }
    boolean oneOfImages =
        ImageWords.imageList(context.outerKey())
            && ImageWords.chosen(value)
            && !ImageWords.picture(value);
    return oneOfImages || ImageWords.unmistakable(value)
        ? Claim.of(
            ImageSite.ofReference(
                Layout.STRING, context.path(), Segment.whole(text, context.alias())))
        : Claim.NONE;
  }
}
