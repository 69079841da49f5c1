package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.SitePath;
import io.entrepot.sites.TextBlock;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import java.util.List;

/** A variable of a container: {@code name} and {@code value}. */
final class Environment implements Format {

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Segment value = MapFields.ofAnyLength(mapping, "value");
    String name = value == null ? "" : MapFields.text(mapping, "name");
    if (value == null || name.isEmpty() || value.isEmpty()) {
      return Claim.NONE;
    }
    ScalarSite scalar = value.scalar();
    SitePath path = context.path().key("value");
    if (scalar.style() == ScalarSite.Style.LITERAL && (context.again() || value.alias() != null)) {
      // An alias of a block is the same block: it is read where it stands.
      return Claim.NONE;
    }
    if (TextBlock.is(scalar)) {
      List<ImageSite> sites = Assignments.lines(scalar, path, Assignments.namesImage(name));
      if (sites.isEmpty()) {
        boolean list = Assignments.namesImage(name) || ImageWords.imageList(name);
        sites = TextLists.of(scalar, 0, scalar.value().length(), path, list);
      }
      return sites.isEmpty() ? Claim.NONE : new Claim(sites, List.of(scalar), List.of());
    }
    boolean named = Assignments.namesImage(name) || ImageWords.imageKey(name);
    if (!ImageWords.acceptable(value.text()) && value.alias() == null) {
      List<ImageSite> several =
          TextLists.of(
              scalar, 0, scalar.value().length(), path, named || ImageWords.imageList(name));
      if (several.size() > 1) {
        return new Claim(several, List.of(scalar), List.of());
      }
    }
    boolean image =
        named
            && scalar.value().length() <= MapFields.LONGEST
            && ImageWords.acceptable(value.text())
            && !ImageWords.picture(value.text());
    return image ? Claim.of(ImageSite.ofReference(Layout.TEXT, path, value)) : Claim.NONE;
  }
}
