package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.SitePattern;
import io.entrepot.sites.SiteRule;
import org.junit.jupiter.api.Test;

/** Places that pin.yaml names. */
final class ConfiguredSitesTest {

  private final OneFormat ruled =
      new OneFormat(
          new ConfiguredSites(),
          new SiteRule(SitePattern.of("spec.build"), SiteRule.Holds.IMAGE, null),
          new SiteRule(SitePattern.of("spec.chart"), SiteRule.Holds.CHART, null),
          new SiteRule(SitePattern.of("**.legacy"), SiteRule.Holds.NOTHING, null));

  @Test
  void namedPlaces_areWhatTheRuleSays() {
    OneFormat.Result result =
        ruled.of(
            """
            spec:
              build: acme/build:1
              chart: oci://quay.io/acme/chart:2
              image: acme/app:1
              legacy: acme/old:1
            """);

    assertThat(result.sites())
        .containsExactly(
            "spec.build = docker.io/acme/build:1", "spec.chart = quay.io/acme/chart:2");
    assertThat(result.dismissals())
        .containsExactly("spec.legacy: pin.yaml says that nothing here is to be pinned");
  }
}
