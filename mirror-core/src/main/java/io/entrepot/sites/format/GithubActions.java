package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import java.util.Set;

/**
 * {@code docker://reference}: in {@code uses} of a step of GitHub's workflows, in {@code image} of
 * its actions, in {@code pipe} of Bitbucket's pipelines, in the registry that KubeVirt imports a
 * disk from.
 */
final class GithubActions implements Format {

  private static final Set<String> KEYS = Set.of("uses", "image", "pipe");

  private static final String DOCKER = "docker://";

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (context.inList()
        || !(KEYS.contains(context.key())
            || (context.key().equals("url") && context.outerKey().equals("registry")))
        || !text.value().strip().startsWith(DOCKER)) {
      return Claim.NONE;
    }
    int from = text.value().indexOf(DOCKER) + DOCKER.length();
    return Claim.of(
        ImageSite.ofReference(
            Layout.TEXT, context.path(), Segment.part(text, from, text.value().length())));
  }
}
