package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.SitePath;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceSequence;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Argo CD's {@code helm.parameters}: names with dots, values beside them. */
final class HelmParameters implements Format {

  private static final Set<String> PARTS =
      Set.of("registry", "repository", "tag", "digest", "sha", "ref");

  /** The fields of one image by the last part of their names, in the order of the list. */
  private record Group(SitePath path, Map<String, Segment> fields) {}

  @Override
  public Claim find(SourceSequence list, SiteContext context) {
    Map<String, Group> groups = new LinkedHashMap<>();
    Claim.Builder claim = new Claim.Builder();
    for (int i = 0; i < list.items().size(); i++) {
      if (!(list.items().get(i) instanceof SourceMapping item) || item.entries().size() > 3) {
        continue;
      }
      Segment value = MapFields.find(item, "value");
      String name = value == null ? "" : MapFields.text(item, "name");
      int dot = name.lastIndexOf('.');
      if (value == null || dot < 0) {
        continue;
      }
      String last = name.substring(dot + 1);
      String before = name.substring(0, dot);
      SitePath path = context.path().item(i, name);
      if (ImageWords.imageParent(before.substring(before.lastIndexOf('.') + 1))
          && PARTS.contains(last)) {
        groups
            .computeIfAbsent(before, _ -> new Group(path, new LinkedHashMap<>()))
            .fields()
            .put(last, value);
        claim.take(item);
      } else if (ImageWords.imageKey(last) && ImageWords.acceptable(value.text())) {
        claim.site(ImageSite.ofReference(Layout.STRING, path.key("value"), value)).take(item);
      }
    }
    groups.values().forEach(group -> image(group, claim));
    return claim.build();
  }

  /** Parts of an image whose repository is the chart's. */
  private static void rest(Group group, Claim.Builder claim) {
    Segment tag = group.fields().get("tag");
    if (tag != null && !tag.isEmpty()) {
      Reading reading =
          new Reading.Unclear(
              LeftReason.NO_REPOSITORY, "a tag alone: the repository is the chart's", tag.text());
      claim.site(
          ImageSite.ofFields(
              Layout.MAP,
              group.path(),
              reading,
              null,
              tag,
              null,
              group.fields().get("digest"),
              null));
      return;
    }
    group
        .fields()
        .values()
        .forEach(field -> claim.dismiss(field, group.path(), "no repository beside it"));
  }

  private static void image(Group group, Claim.Builder claim) {
    Map<String, Segment> fields = group.fields();
    Segment ref = fields.get("ref");
    Segment name = fields.get("repository");
    if (ref != null && !ref.isEmpty()) {
      claim.site(ImageSite.ofReference(Layout.REF, group.path(), ref));
    } else if (name != null && !name.isEmpty()) {
      Segment digest = fields.containsKey("digest") ? fields.get("digest") : fields.get("sha");
      Segment registry = fields.get("registry");
      Segment tag = fields.get("tag");
      claim.site(
          ImageSite.ofFields(
              Layout.MAP,
              group.path(),
              Readings.image(registry, name, tag, digest, null),
              registry,
              name,
              tag,
              digest,
              null));
    } else {
      rest(group, claim);
    }
  }
}
