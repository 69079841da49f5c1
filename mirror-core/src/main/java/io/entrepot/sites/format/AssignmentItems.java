package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An item {@code NAME=reference} of a list, as in the environment of a compose file. */
final class AssignmentItems implements Format {

  private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z0-9_.-]+)=(\\S+)");

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (!context.inList()) {
      return Claim.NONE;
    }
    String stripped = text.value().strip();
    Matcher assignment = ASSIGNMENT.matcher(stripped);
    if (!assignment.matches()) {
      return Claim.NONE;
    }
    if (!Assignments.isImage(Assignments.namesImage(assignment.group(1)), assignment.group(2))) {
      return Claim.taking(text);
    }
    int shift = text.value().indexOf(stripped);
    return Claim.of(
        ImageSite.ofReference(
            Layout.TEXT,
            context.path(),
            Segment.part(text, shift + assignment.start(2), shift + assignment.end(2))));
  }
}
