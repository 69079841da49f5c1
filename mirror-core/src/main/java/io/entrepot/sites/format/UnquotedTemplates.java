package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;

/** {@code image: {{ … }}} without quotes, which is a map in a map to YAML. */
final class UnquotedTemplates implements Format {

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Claim.Builder claim = new Claim.Builder();
    for (SourceMapping.Entry entry : mapping.entries()) {
      if (entry.value() instanceof SourceMapping outer
          && outer.flow()
          && outer.entries().size() == 1
          && outer.entries().getFirst().key() instanceof SourceMapping inner
          && inner.entries().size() == 1
          && inner.entries().getFirst().key() instanceof ScalarSite filled
          && ImageWords.imageKey(entry.name())) {
        String written = "{{ " + filled.value() + " }}";
        claim
            .site(
                ImageSite.ofPart(
                    context.path().key(entry.name()),
                    Readings.image(written),
                    Segment.whole(filled)))
            .take(outer);
      }
    }
    return claim.build();
  }
}
