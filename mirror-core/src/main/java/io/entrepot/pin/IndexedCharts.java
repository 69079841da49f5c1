package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.IndexedChart;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Charts of HTTP repositories that the lock holds: an Argo CD source, a dependency of {@code
 * Chart.yaml}, a chart that kustomize inflates. Others are nobody's here: no registry has them.
 */
final class IndexedCharts implements Format {

  /** Nothing is known. */
  static final IndexedCharts NONE = new IndexedCharts(Set.of());

  private final Set<ImageReference> locked;

  /**
   * @param locked host, path, name and version of each
   */
  IndexedCharts(Set<ImageReference> locked) {
    this.locked = Set.copyOf(locked);
  }

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    if (locked.isEmpty()) {
      return Claim.NONE;
    }
    return switch (context.key()) {
      case "dependencies" -> chart(mapping, context, "repository", "name", "version");
      case "helmCharts" -> chart(mapping, context, "repo", "name", "version");
      default -> chart(mapping, context, "repoURL", "chart", "targetRevision");
    };
  }

  private Claim chart(
      SourceMapping mapping, SiteContext context, String at, String named, String numbered) {
    Segment address = MapFields.find(mapping, at);
    Segment name = MapFields.find(mapping, named);
    Segment version = MapFields.find(mapping, numbered);
    if (address == null || name == null || version == null) {
      return Claim.NONE;
    }
    ImageReference key = key(address.text(), name.text(), version.text());
    return key != null && locked.contains(key)
        ? Claim.of(
            ImageSite.ofFields(
                Layout.CHART,
                context.path().key(at),
                new Reading.Chart(key.repository(), version.text(), null),
                address,
                name,
                version,
                null,
                mapping))
        : Claim.NONE;
  }

  /**
   * What stands where a chart's registry is written when it lies in a repository: all of it but the
   * name, with a scheme in the place of an HTTP address, save where Argo CD wants none.
   */
  static String around(ImageSite site, String repository) {
    Segment address = site.registry();
    boolean http =
        address != null
            && (address.text().startsWith("http://") || address.text().startsWith("https://"));
    String scheme = http && !site.path().endsWith("repoURL") ? "oci://" : "";
    return scheme + repository.substring(0, repository.lastIndexOf('/'));
  }

  private static @Nullable ImageReference key(String address, String name, String version) {
    if (!address.startsWith("http")) {
      return null;
    }
    try {
      Repository repository = IndexedChart.key(URI.create(address.replaceAll("/+$", "")), name);
      return repository.tagged(new Tag(version.replace('+', '_')));
    } catch (IllegalArgumentException e) {
      // No address or version: filled in by something else.
      return null;
    }
  }
}
