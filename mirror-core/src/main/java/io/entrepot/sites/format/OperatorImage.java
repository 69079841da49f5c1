package io.entrepot.sites.format;

import io.entrepot.oci.RegistryName;
import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Three keys that an operator joins: {@code repository} (a prefix with a registry), {@code image}
 * (a name below it) and {@code version} (a tag), as the objects of NVIDIA's and other operators
 * have them.
 */
final class OperatorImage implements Format {

  /** Where {@code repository} names a repository of git. */
  private static final Set<String> GIT_HOSTS = Set.of("github.com", "gitlab.com");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Segment prefix = MapFields.find(mapping, "repository");
    Segment name = MapFields.find(mapping, "image");
    if (prefix == null
        || name == null
        || !isPrefix(prefix.text())
        || MapFields.find(mapping, "tag") != null) {
      return Claim.NONE;
    }
    Segment version = MapFields.find(mapping, "version");
    if (name.isEmpty()) {
      return version == null ? Claim.NONE : claim(prefix, name, version, unnamed(context, prefix));
    }
    boolean below = ImageWords.bare(name.text()) && !RegistryName.beginsName(name.text());
    if (!below && !ImageWords.templated(name.text())) {
      return Claim.NONE;
    }
    Reading reading = Readings.image(prefix, name, version, null, null);
    if (reading instanceof Reading.Unclear unclear && unclear.reason() == LeftReason.EMPTY_TAG) {
      reading =
          new Reading.Unclear(
              LeftReason.EMPTY_TAG, "no version: the operator chooses it", unclear.written());
    }
    return claim(
        prefix,
        name,
        version,
        ImageSite.ofFields(
            Layout.OPERATOR, context.path(), reading, prefix, name, version, null, null));
  }

  private static Claim claim(
      Segment prefix, Segment name, @Nullable Segment version, ImageSite site) {
    return new Claim.Builder().siteAlone(site).take(prefix).take(name).take(version).build();
  }

  private static ImageSite unnamed(SiteContext context, Segment prefix) {
    return ImageSite.ofPart(
        context.path(),
        new Reading.Unclear(
            LeftReason.NO_REPOSITORY, "no name: the operator completes it", prefix.text()),
        prefix);
  }

  /** Whether a repository begins with a registry and lies in no git server that everybody knows. */
  private static boolean isPrefix(String repository) {
    int slash = repository.indexOf('/');
    String host = slash < 0 ? repository : repository.substring(0, slash);
    return RegistryName.isHost(host)
        && !GIT_HOSTS.contains(host)
        && !ImageWords.url(repository)
        && !repository.endsWith(".git");
  }
}
