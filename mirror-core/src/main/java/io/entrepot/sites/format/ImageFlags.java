package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An argument that names an image: {@code --sidecar-image=reference}, in one item or in two. */
final class ImageFlags implements Format {

  private static final Pattern WITH_VALUE =
      Pattern.compile("((?=[^= ]*image)--?[A-Za-z0-9.-]++[= ])(\\S+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern BARE =
      Pattern.compile("--?[A-Za-z0-9.-]*image", Pattern.CASE_INSENSITIVE);

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (!context.inList()) {
      return Claim.NONE;
    }
    String stripped = text.value().strip();
    Matcher flag = WITH_VALUE.matcher(stripped);
    if (flag.matches()) {
      String value = flag.group(2);
      if (ImageWords.acceptable(value)) {
        int shift = text.value().indexOf(stripped);
        return Claim.of(
            ImageSite.ofReference(
                Layout.TEXT,
                context.path(),
                Segment.part(text, shift + flag.start(2), shift + flag.end(2))));
      }
      return ImageWords.templated(value)
          ? Claim.dismissed(text, context.path(), "filled in by something else")
          : Claim.taking(text);
    }
    ScalarSite before = context.before();
    return before != null
            && BARE.matcher(before.value()).matches()
            && ImageWords.acceptable(stripped)
            && !ImageWords.picture(stripped)
        ? Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), Segment.whole(text)))
        : Claim.NONE;
  }
}
