package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;

/** Images of objects that watch or check them: named, and left. */
final class WatchedImages implements Format {

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    return !context.inList() && ImageWords.imageKey(context.key())
        ? Claim.dismissed(
            text, context.path(), "this kind watches or checks the image, nothing pulls it")
        : Claim.NONE;
  }
}
