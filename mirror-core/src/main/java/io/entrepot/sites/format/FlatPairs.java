package io.entrepot.sites.format;

import io.entrepot.oci.RegistryName;
import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Readings;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Keys that share a prefix: {@code imageRepository}, {@code imageTag} and their like. */
final class FlatPairs implements Format {

  private static final String REPOSITORY = "Repository";

  /** The same in keys whose words are parted: {@code trivy.repository}, {@code APP_REPOSITORY}. */
  private static final List<String> PARTED =
      List.of(".repository", "_repository", "-repository", "_REPOSITORY");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Claim.Builder claim = new Claim.Builder();
    for (SourceMapping.Entry entry : mapping.entries()) {
      String prefix = prefix(entry.name());
      if (prefix != null) {
        pair(entry.name(), prefix, mapping, context, claim);
      } else if (PARTED.stream().anyMatch(entry.name()::endsWith)) {
        parted(entry.name(), mapping, context, claim);
      }
    }
    return claim.build();
  }

  /** What the keys of one image begin with, or null where a key names none. */
  private static @Nullable String prefix(String key) {
    if (key.endsWith(REPOSITORY)) {
      return key.substring(0, key.length() - REPOSITORY.length());
    }
    if (key.equals("imageName")) {
      return "image";
    }
    return key.endsWith("Image") ? key : null;
  }

  private static void parted(
      String key, SourceMapping mapping, SiteContext context, Claim.Builder claim) {
    String prefix = key.substring(0, key.length() - REPOSITORY.length());
    boolean large = key.endsWith("Y");
    Segment name = MapFields.find(mapping, key);
    Segment tag = MapFields.find(mapping, prefix + (large ? "TAG" : "tag"));
    if (name == null
        || tag == null
        || tag.isEmpty()
        || !(aboutImages(prefix) || RegistryName.beginsName(name.text()))
        || !ImageWords.bare(name.text())) {
      return;
    }
    claim.site(
        ImageSite.ofFields(
            Layout.FLAT,
            context.path().key(key),
            Readings.image(null, name, tag, null, null),
            null,
            name,
            tag,
            null,
            null));
  }

  private static boolean aboutImages(String prefix) {
    return prefix.regionMatches(true, prefix.length() - 6, "image", 0, 5);
  }

  /** Airflow's default image: both keys say something, and the name is one of a repository. */
  private static boolean isDefault(String key, Segment name, @Nullable Segment tag) {
    return key.endsWith(REPOSITORY)
        && tag != null
        && !tag.isEmpty()
        && name.text().indexOf('/') > 0
        && ImageWords.bare(name.text());
  }

  private static void pair(
      String key, String prefix, SourceMapping mapping, SiteContext context, Claim.Builder claim) {
    Segment name = MapFields.find(mapping, key);
    Segment tag = MapFields.find(mapping, prefix + "Tag");
    Segment digest = MapFields.find(mapping, prefix + "Digest");
    boolean aboutImages = prefix.toLowerCase(Locale.ROOT).endsWith("image");
    boolean fields = tag != null || digest != null;
    if (name == null
        || name.isEmpty()
        || ImageWords.url(name.text())
        || !(prefix.startsWith("default")
            ? isDefault(key, name, tag)
            : aboutImages || RegistryName.beginsName(name.text()))) {
      return;
    }
    boolean named =
        key.endsWith(REPOSITORY) ? fields || aboutImages : fields && ImageWords.bare(name.text());
    if (!named) {
      return;
    }
    Segment registry = MapFields.find(mapping, prefix + "Registry");
    claim.site(
        ImageSite.ofFields(
            Layout.FLAT,
            context.path().key(key),
            Readings.image(registry, name, tag, digest, context.shared().tag()),
            registry,
            name,
            tag,
            digest,
            mapping));
  }
}
