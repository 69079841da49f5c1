package io.entrepot.pin;

import io.entrepot.sites.ImageSite;
import org.jspecify.annotations.Nullable;

/** Says what the sites of files become. */
interface Chooser {

  /** What a site becomes; null where it is none of this plan's business. */
  @Nullable Resolution of(ScannedFile file, ImageSite site);
}
