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

/** JSON in one line of text, as variables and ConfigMaps carry it: the images of its keys. */
final class JsonTexts implements Format {

  private static final int LONGEST = 16 * MapFields.LONGEST;

  private static final Pattern FIELD =
      Pattern.compile("\"([A-Za-z0-9_.-]{1,60})\"\\s*+:\\s*+\"([^\"\\\\\\s]{1,1024})\"");

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    String value = text.value().strip();
    if (!value.startsWith("{")
        || !value.endsWith("}")
        || value.length() > LONGEST
        || value.indexOf('\n') >= 0
        || context.alias() != null
        // What was applied once is a record, and nothing pulls it.
        || context.key().endsWith("last-applied-configuration")) {
      return Claim.NONE;
    }
    List<ImageSite> sites = new ArrayList<>();
    Matcher field = FIELD.matcher(text.value());
    while (field.find()) {
      if (ImageWords.imageKey(field.group(1))
          && ImageWords.chosen(field.group(2))
          && !ImageWords.picture(field.group(2))) {
        sites.add(
            ImageSite.ofReference(
                Layout.TEXT,
                context.path().key(field.group(1)),
                Segment.part(text, field.start(2), field.end(2))));
      }
    }
    return sites.isEmpty() ? Claim.NONE : new Claim(sites, List.of(text), List.of());
  }
}
