package io.entrepot.sites.format;

import io.entrepot.oci.RegistryName;
import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.SitePath;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Charts in registries: {@code oci://} addresses of Argo CD, Flux, kustomize and {@code
 * Chart.yaml}, and Argo CD's {@code repoURL} without a scheme beside {@code chart}.
 */
final class HelmCharts implements Format {

  private static final String OCI = "oci://";

  /**
   * Keys beside the {@code url} of a repository for which Argo CD or its chart keeps credentials.
   */
  private static final List<String> CREDENTIAL_KEYS =
      List.of("username", "password", "usernameSecret", "passwordSecret");

  private static final List<String> VERSION_KEYS = List.of("targetRevision", "version", "tag");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Claim.Builder claim = new Claim.Builder();
    for (SourceMapping.Entry entry : mapping.entries()) {
      if (SourceMapping.resolved(entry.value()) instanceof ScalarSite scalar) {
        Segment address = address(entry.name(), scalar, mapping);
        if (address != null) {
          claim.take(address);
          chart(entry.name(), address, mapping, context, claim);
        }
      }
    }
    return claim.build();
  }

  /** The address of a chart without its scheme, or null where there is none. */
  private static @Nullable Segment address(String key, ScalarSite scalar, SourceMapping mapping) {
    String value = scalar.value();
    if (value.length() > MapFields.LONGEST) {
      return null;
    }
    boolean oci = value.startsWith(OCI) && value.length() > OCI.length();
    boolean bare =
        key.equals("repoURL")
            && !ImageWords.url(value)
            && RegistryName.beginsName(value)
            && !value.endsWith(".git")
            && mapping.entry("chart") != null;
    if ((!oci && !bare) || value.length() != value.strip().length()) {
      return null;
    }
    return Segment.part(scalar, oci ? OCI.length() : 0, value.length());
  }

  private static void chart(
      String key,
      Segment address,
      SourceMapping mapping,
      SiteContext context,
      Claim.Builder claim) {
    SitePath path = context.path().key(key);
    String written = address.scalar().value();
    if (key.equals("url") && hasCredentials(mapping)) {
      claim.dismiss(address, path, "says where credentials belong");
      return;
    }
    if (ImageWords.templated(written)) {
      claim.dismiss(address, path, "filled in by something else");
      return;
    }
    if (context.document().kind().name().equals("HelmRepository")) {
      claim.site(ImageSite.ofText(Layout.CHART, path, new Reading.ChartRegistry(written), address));
      return;
    }
    Segment name = name(key, mapping, context);
    if (name != null && (name.isEmpty() || address.text().endsWith("/" + name.text()))) {
      name = null;
    }
    Segment tag = null;
    Segment digest = null;
    String version = "";
    if (mapping.get("ref") instanceof SourceMapping ref) {
      tag = MapFields.find(ref, "tag");
      digest = MapFields.find(ref, "digest");
      version = tag == null ? MapFields.text(ref, "semver") : tag.text();
    } else {
      for (String candidate : VERSION_KEYS) {
        Segment found = MapFields.find(mapping, candidate);
        if (found != null && version.isEmpty()) {
          version = found.text();
          tag = found;
        }
      }
    }
    Reading reading = Readings.chart(name, address, version, digest);
    ImageSite site =
        name == null
            ? ImageSite.ofFields(Layout.CHART, path, reading, null, address, tag, digest, mapping)
            : ImageSite.ofFields(Layout.CHART, path, reading, address, name, tag, digest, mapping);
    claim.siteAlone(site).take(name);
  }

  private static boolean hasCredentials(SourceMapping mapping) {
    return CREDENTIAL_KEYS.stream()
        .anyMatch(key -> mapping.entry(key) != null && !isEmpty(mapping.get(key)));
  }

  private static boolean isEmpty(@Nullable SourceNode value) {
    return value instanceof ScalarSite scalar && scalar.isEmpty();
  }

  /** The field that names the chart below its address. */
  private static @Nullable Segment name(String key, SourceMapping mapping, SiteContext context) {
    if (key.equals("repoURL")) {
      return MapFields.find(mapping, "chart");
    }
    boolean dependency = key.equals("repository") && context.key().equals("dependencies");
    boolean inflated = key.equals("repo") && context.key().equals("helmCharts");
    return dependency || inflated ? MapFields.find(mapping, "name") : null;
  }
}
