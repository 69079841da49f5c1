package io.entrepot.sites.format;

import io.entrepot.sites.FileSites;
import io.entrepot.sites.Format;
import io.entrepot.sites.Reading;
import io.entrepot.sites.SiteRule;
import io.entrepot.sites.SiteWalker;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.YamlScanner;
import java.util.List;

/** One format alone, so that no other takes what it leaves. */
final class OneFormat {

  /**
   * What was found.
   *
   * @param sites {@code path = meaning}
   * @param dismissals {@code path: why}
   * @param kinds why each site is unclear, or {@code image}
   */
  record Result(List<String> sites, List<String> dismissals, List<String> kinds) {}

  private final List<Format> formats;
  private final List<SiteRule> rules;

  OneFormat(Format format, SiteRule... rules) {
    this.formats = List.of(format);
    this.rules = List.of(rules);
  }

  Result of(String yaml) {
    return of("values.yaml", yaml);
  }

  Result of(String fileName, String yaml) {
    FileSites found =
        new SiteWalker(formats, formats, rules)
            .find(fileName, YamlScanner.scan(SourceText.of(yaml)));
    return new Result(
        found.sites().stream().map(site -> site.path() + " = " + site.reading()).toList(),
        found.dismissals().stream()
            .map(dismissal -> dismissal.path() + ": " + dismissal.why())
            .toList(),
        found.sites().stream().map(site -> kind(site.reading())).toList());
  }

  private static String kind(Reading reading) {
    return reading instanceof Reading.Unclear unclear ? unclear.reason().name() : "image";
  }
}
