package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An argument that names an image: {@code --sidecar-image=reference}, in one item or in two. */
final class ImageFlags implements Format {

  private static final Pattern WITH_VALUE =
      Pattern.compile("((?=[^= ]*image)--?[A-Za-z0-9.-]++[= ])(\\S+)", Pattern.CASE_INSENSITIVE);

  /** The end of a flag that takes images. */
  private static final Pattern FOR_IMAGES = Pattern.compile("(?i)images?[= ]$");

  private static final Pattern WITHIN =
      Pattern.compile("(?i)(?<=\\s)--?[a-z0-9.-]{0,60}image[= ]([^\\s\"'`;&|]+)(?=[\\s;&|]|$)");

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
      int from = text.value().indexOf(stripped) + flag.start(2);
      List<ImageSite> several =
          TextLists.of(
              text,
              from,
              from + value.length(),
              context.path(),
              FOR_IMAGES.matcher(flag.group(1)).find());
      if (ImageWords.acceptable(value)) {
        int shift = text.value().indexOf(stripped);
        return Claim.of(
            ImageSite.ofReference(
                Layout.TEXT,
                context.path(),
                Segment.part(text, shift + flag.start(2), shift + flag.end(2))));
      }
      if (!several.isEmpty()) {
        return new Claim(several, List.of(text), List.of());
      }
      return ImageWords.templated(value)
          ? Claim.dismissed(text, context.path(), "filled in by something else")
          : Claim.taking(text);
    }
    List<ImageSite> line = line(text, context);
    if (!line.isEmpty()) {
      return new Claim(line, List.of(text), List.of());
    }
    ScalarSite before = context.before();
    return before != null
            && BARE.matcher(before.value()).matches()
            && ImageWords.acceptable(stripped)
            && !ImageWords.picture(stripped)
        ? Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), Segment.whole(text)))
        : Claim.NONE;
  }

  /** The images of the flags of a command line that is one item, as {@code sh -c} takes it. */
  private static List<ImageSite> line(ScalarSite text, SiteContext context) {
    List<ImageSite> sites = new ArrayList<>();
    if (text.value().length() > MapFields.LONGEST || text.value().indexOf(' ') < 0) {
      return sites;
    }
    Matcher flag = WITHIN.matcher(text.value());
    while (flag.find()) {
      if (ImageWords.chosen(flag.group(1))) {
        sites.add(
            ImageSite.ofReference(
                Layout.TEXT, context.path(), Segment.part(text, flag.start(1), flag.end(1))));
      }
    }
    return sites;
  }
}
