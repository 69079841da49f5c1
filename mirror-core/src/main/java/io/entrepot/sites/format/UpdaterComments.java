package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts of which a comment of Flux or Renovate says what they are. */
final class UpdaterComments implements Format {

  /** Flux's setter: the policy, and which part of the image where it is not all of it. */
  private static final Pattern FLUX =
      Pattern.compile(
          "#\\s*\\{\\s*\"\\$imagepolicy\"\\s*:\\s*\"([^\":]+:[^\":]+)(?::(tag|name|digest))?\"");

  /** Renovate's hint on the line above: whose version follows. */
  private static final Pattern RENOVATE =
      Pattern.compile(
          "^(?>.*?#\\s*+renovate:\\s)(?>.*?datasource=docker\\s)(?>.*?(?:depName|packageName)=)([^\\s\"']+)");

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (!context.document().comments() || context.inList()) {
      return Claim.NONE;
    }
    Segment segment = Segment.whole(text);
    String value = segment.text();
    boolean image = ImageWords.reference(value).filter(r -> r.tag() != null).isPresent();
    Matcher flux = FLUX.matcher(segment.marker());
    if (flux.find()) {
      if (flux.group(2) == null && image) {
        return Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), segment));
      }
      if (flux.group(2) != null && !image) {
        String why =
            "a part of an image: Flux writes it (ImagePolicy %s), the rest stands elsewhere"
                .formatted(flux.group(1));
        return part(segment, context, why, value);
      }
    }
    Matcher renovate = RENOVATE.matcher(text.source().lineAbove(text.start()));
    if (renovate.find()) {
      if (image && value.indexOf(':') > 0) {
        return Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), segment));
      }
      String written = renovate.group(1) + ":" + value;
      if (ImageWords.reference(written).isPresent()) {
        String why = "a tag alone: Renovate's comment names the image, no field holds its digest";
        return part(segment, context, why, written);
      }
    }
    return Claim.NONE;
  }

  private static Claim part(Segment segment, SiteContext context, String why, String written) {
    return Claim.of(
        ImageSite.ofPart(
            context.path(), new Reading.Unclear(LeftReason.NO_REPOSITORY, why, written), segment));
  }
}
