package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;

/** {@code uses: docker://reference} of a step in GitHub's workflows. */
final class GithubActions implements Format {

  private static final String DOCKER = "docker://";

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    if (context.inList()
        || !context.key().equals("uses")
        || !text.value().strip().startsWith(DOCKER)) {
      return Claim.NONE;
    }
    int from = text.value().indexOf(DOCKER) + DOCKER.length();
    return Claim.of(
        ImageSite.ofReference(
            Layout.TEXT, context.path(), Segment.part(text, from, text.value().length())));
  }
}
