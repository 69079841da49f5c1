package io.entrepot.sites.format;

import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SitePath;
import io.entrepot.yaml.ScalarSite;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Several images in one text, parted by commas, semicolons or blanks, each with a name or none. */
final class TextLists {

  /** As many as a text of the greatest length that is read can hold. */
  private static final int LONGEST = 16 * MapFields.LONGEST;

  private static final Pattern ITEM = Pattern.compile("(?:[A-Za-z0-9_./-]+=)?+([^\\s,;=]+)");

  private static final Pattern BETWEEN = Pattern.compile("[\\s,;]*");

  private TextLists() {}

  /**
   * The images of a part of a text; empty where anything in it is none.
   *
   * @param named whether the text is said to hold images
   */
  static List<ImageSite> of(ScalarSite text, int from, int to, SitePath path, boolean named) {
    String value = text.value();
    List<ImageSite> sites = new ArrayList<>();
    if (to - from > LONGEST) {
      return sites;
    }
    Matcher item = ITEM.matcher(value).region(from, to);
    int end = from;
    while (item.find()) {
      String image = item.group(1);
      if (!BETWEEN.matcher(value.substring(end, item.start())).matches()
          || ImageWords.picture(image)
          || !(named ? ImageWords.chosen(image) : ImageWords.unmistakable(image))) {
        return List.of();
      }
      end = item.end();
      sites.add(
          ImageSite.ofReference(Layout.TEXT, path, Segment.part(text, item.start(1), item.end(1))));
    }
    return BETWEEN.matcher(value.substring(end, to)).matches() ? sites : List.of();
  }
}
