package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names with a version beside them that their reader completes, so that no digest fits: kubeadm's
 * {@code imageRepository}, Istio's {@code hub}, the sources of Concourse's resources. They are
 * named and left.
 */
final class CompletedNames implements Format {

  private static final Set<String> CONCOURSE = Set.of("registry-image", "docker-image");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    boolean kubeadm =
        context.path().parts().contains("clusterConfiguration")
            || context.document().kind().name().equals("ClusterConfiguration");
    if (kubeadm && MapFields.find(mapping, "imageRepository") != null) {
      return left(
          mapping,
          context,
          "imageRepository",
          "imageTag",
          "kubeadm puts the names of its images behind it");
    }
    Segment hub = MapFields.find(mapping, "hub");
    if (hub != null
        && hub.text().indexOf('/') > 0
        && ImageWords.bare(hub.text())
        && !MapFields.text(mapping, "tag").isEmpty()) {
      return left(mapping, context, "hub", "tag", "Istio puts the names of its images behind it");
    }
    SourceMapping holder = context.holder();
    if (holder != null
        && context.key().equals("source")
        && CONCOURSE.contains(MapFields.text(holder, "type"))) {
      return left(
          mapping,
          context,
          "repository",
          "tag",
          "Concourse takes no digest behind a resource's tag");
    }
    return Claim.NONE;
  }

  private static Claim left(
      SourceMapping mapping, SiteContext context, String key, String version, String why) {
    Segment name = MapFields.find(mapping, key);
    if (name == null || name.isEmpty()) {
      return Claim.NONE;
    }
    @Nullable Segment tag = MapFields.find(mapping, version);
    String written = name.text() + (tag == null || tag.isEmpty() ? "" : ":" + tag.text());
    return new Claim.Builder()
        .siteAlone(
            ImageSite.ofPart(
                context.path().key(key),
                new Reading.Unclear(LeftReason.NOT_WRITABLE, why, written),
                name))
        .take(name)
        .take(tag)
        .build();
  }
}
