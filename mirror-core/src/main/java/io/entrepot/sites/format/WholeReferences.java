package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.DocumentKind;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.List;

/**
 * A map with a whole reference in it: {@code reference} of a pod's image volume, {@code name} of
 * the images and services in GitLab's jobs.
 */
final class WholeReferences implements Format {

  private static final List<String> KEYS = List.of("reference", "name");
  private static final List<String> PARTS = List.of("repository", "repo", "tag", "version");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    boolean service =
        context.document().kind().equals(DocumentKind.GITLAB) && context.key().equals("services");
    if (!service && !(context.isImage() && isAlone(mapping, context))) {
      return Claim.NONE;
    }
    for (String key : KEYS) {
      Segment whole = MapFields.find(mapping, key);
      if (whole != null && ImageWords.chosen(whole.text())) {
        boolean host = service && MapFields.text(mapping, "alias").isEmpty();
        return Claim.of(
            ImageSite.ofReference(
                host ? Layout.SERVICE : Layout.REF, context.path().key(key), whole));
      }
    }
    return Claim.NONE;
  }

  private static boolean isAlone(SourceMapping mapping, SiteContext context) {
    boolean ref = MapFields.find(mapping, "ref") != null && ImageWords.imageParent(context.key());
    return !ref && MapFields.first(mapping, PARTS) == null && MapFields.digest(mapping) == null;
  }
}
