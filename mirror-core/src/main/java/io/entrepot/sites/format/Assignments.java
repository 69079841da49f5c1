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

/** Assignments of images to variables, as several formats read them. */
final class Assignments {

  private static final Pattern VARIABLE =
      Pattern.compile("(?:.*_)?IMAGES?(?:_.*)?|.*IMAGE", Pattern.CASE_INSENSITIVE);

  private static final Pattern LINE =
      Pattern.compile("(?m)^[ \\t]*([A-Za-z0-9_.-]+)=(\\S+?)[ \\t]*$");

  /** A table of a TOML file. */
  private static final Pattern TABLE =
      Pattern.compile("(?m)^[ \\t]*\\[{1,2}[A-Za-z0-9_.\"-]+\\]{1,2}[ \\t]*$");

  private static final Pattern TOML =
      Pattern.compile(
          "(?m)^[ \\t]*+(?:"
              + "(\\[{1,2}[^\\[\\]\\s]+\\]{1,2})"
              + "|([A-Za-z0-9_-]+)[ \\t]*+=[ \\t]*+\"([^\"\\s]+)\""
              + ")[ \\t]*+(?:#.*)?$");

  private Assignments() {}

  /** The images of a TOML file, as GitLab's runner has them in its own. */
  private static void toml(ScalarSite block, SitePath path, List<ImageSite> sites) {
    Matcher line = TOML.matcher(block.value());
    String table = "";
    while (line.find()) {
      String variable = line.group(2);
      if (variable == null) {
        table = line.group(1);
      } else if (line.group(3).length() <= MapFields.LONGEST
          && (ImageWords.imageKey(variable)
              || (variable.equals("name") && table.endsWith("services]]")))
          && ImageWords.chosen(line.group(3))
          && !ImageWords.picture(line.group(3))) {
        Segment segment = Segment.part(block, line.start(3), line.end(3));
        sites.add(ImageSite.ofReference(Layout.TEXT, path.key(variable), segment));
      }
    }
  }

  /** Whether a variable's name says that it holds an image. */
  static boolean namesImage(String variable) {
    return VARIABLE.matcher(variable).matches();
  }

  /** Whether what is assigned to a variable is an image. */
  static boolean isImage(boolean named, String value) {
    return named ? ImageWords.acceptable(value) : ImageWords.unmistakable(value);
  }

  /**
   * The images of a block's lines {@code name=reference}.
   *
   * @param named whether the block itself is said to hold images
   */
  static List<ImageSite> lines(ScalarSite block, SitePath path, boolean named) {
    Matcher line = LINE.matcher(block.value());
    List<ImageSite> sites = new ArrayList<>();
    while (line.find()) {
      String variable = line.group(1);
      String value = line.group(2);
      if (variable.length() <= MapFields.LONGEST
          && value.length() <= MapFields.LONGEST
          && isImage(named || namesImage(variable), value)) {
        Segment segment = Segment.part(block, line.start(2), line.end(2));
        sites.add(ImageSite.ofReference(Layout.TEXT, path.key(variable), segment));
      }
    }
    if (TABLE.matcher(block.value()).find()) {
      toml(block, path, sites);
    }
    return sites;
  }
}
