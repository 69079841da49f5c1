package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.SiteRule;
import io.entrepot.yaml.ScalarSite;

/** Texts that {@code sites} in {@code pin.yaml} names. */
final class ConfiguredSites implements Format {

  private static final String OCI = "oci://";

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    SiteRule rule = context.rule();
    if (rule == null) {
      return Claim.NONE;
    }
    return switch (rule.holds()) {
      case NOTHING ->
          Claim.dismissed(text, context.path(), "pin.yaml says that nothing here is to be pinned");
      case IMAGE ->
          Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), Segment.whole(text)));
      case CHART -> {
        int from = text.value().startsWith(OCI) ? OCI.length() : 0;
        Segment address = Segment.part(text, from, text.value().length());
        yield Claim.of(
            ImageSite.ofText(
                Layout.CHART,
                context.path(),
                Readings.chart(null, address, /* version= */ "", null),
                address));
      }
    };
  }
}
