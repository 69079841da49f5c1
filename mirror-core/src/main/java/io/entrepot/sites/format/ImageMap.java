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
import io.entrepot.sites.SharedRegistries;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The map that most charts have: {@code registry}, {@code repository}, {@code tag}, {@code digest},
 * or {@code ref} alone.
 */
final class ImageMap implements Format {

  /** Keys beside {@code repository} that tell of a git repository. */
  private static final Set<String> GIT_KEYS =
      Set.of(
          "branch",
          "commit",
          "revision",
          "owner",
          "gitConfig",
          "defaultBranch",
          "sshKey",
          "git",
          "workflow");

  /** Keys with which a chart completes the tag or the name, where they say something. */
  private static final Set<String> COMPLETING =
      Set.of(
          "suffix",
          "tagSuffix",
          "tagPrefix",
          "imageSuffix",
          "rootless",
          "variant",
          "flavor",
          "flavour",
          "distroless",
          "fips",
          "jmx");

  /**
   * A digest of one of several images that the chart chooses from, as Cilium's operator has them.
   */
  private static final Pattern DIGEST_OF_ONE = Pattern.compile("[a-z]+Digest");

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    boolean isImage = context.isImage();
    Segment ref = MapFields.find(mapping, "ref");
    Segment name = MapFields.find(mapping, "repository");
    if (name == null && isImage) {
      name = MapFields.find(mapping, "repo");
    }
    if (name == null && ref != null && ImageWords.imageParent(context.key())) {
      return ref.isEmpty()
          ? Claim.taking(ref.scalar())
          : Claim.of(ImageSite.ofReference(Layout.REF, context.path().key("ref"), ref));
    }
    Segment tag = MapFields.find(mapping, "tag");
    if (tag == null && isImage) {
      tag = MapFields.find(mapping, "version");
    }
    Segment digest = MapFields.digest(mapping);
    if (name == null && isImage && (tag != null || digest != null)) {
      Segment named = MapFields.find(mapping, "name");
      if (named != null && !named.isEmpty()) {
        name = named;
      } else if (MapFields.text(mapping, "image").isEmpty()) {
        if (tag != null && !tag.isEmpty()) {
          return orphan(mapping, tag, digest, LeftReason.NO_REPOSITORY, context);
        }
        if (digest != null && !digest.isEmpty()) {
          return orphan(mapping, digest, null, LeftReason.DIGEST_ALONE, context);
        }
      }
    }
    if (name == null && !isImage && tag != null && context.outerKey().equals("images")) {
      Segment named = MapFields.find(mapping, "name");
      name =
          named != null && named.text().indexOf('/') > 0 && ImageWords.bare(named.text())
              ? named
              : null;
    }
    if (name == null) {
      name = belowRegistry(mapping);
    }
    return name == null ? Claim.NONE : image(mapping, context, name, tag, digest);
  }

  /** {@code image} that is a name below the {@code registry} beside it, or null. */
  private static @Nullable Segment belowRegistry(SourceMapping mapping) {
    Segment registry = MapFields.find(mapping, "registry");
    Segment image = registry == null ? null : MapFields.find(mapping, "image");
    return registry != null
            && image != null
            && !registry.isEmpty()
            && !image.isEmpty()
            && RegistryName.isHost(firstPart(registry.text()))
            && !ImageWords.url(registry.text())
            && !RegistryName.beginsName(image.text())
            && ImageWords.reference(image.text()).isPresent()
        ? image
        : null;
  }

  private static String firstPart(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? name : name.substring(0, slash);
  }

  /** A tag, a digest or both whose repository is the chart's. */
  private static Claim orphan(
      SourceMapping mapping,
      Segment part,
      @Nullable Segment digest,
      LeftReason reason,
      SiteContext context) {
    if (mapping.entry("<<") != null) {
      return Claim.taking(part.scalar());
    }
    String message =
        reason == LeftReason.DIGEST_ALONE
            ? "a digest alone: the repository is the chart's"
            : "a tag alone: the repository is the chart's";
    return Claim.of(
        ImageSite.ofFields(
            Layout.MAP,
            context.path(),
            new Reading.Unclear(reason, message, part.text()),
            null,
            part,
            null,
            digest,
            null));
  }

  private static Claim image(
      SourceMapping mapping,
      SiteContext context,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest) {
    Segment registry = MapFields.find(mapping, "registry");
    boolean ownRegistry = registry != null && !registry.isEmpty();
    boolean fields = tag != null || digest != null || ownRegistry;
    String why = notARepository(mapping, name, fields, context);
    if (why != null) {
      return new Claim.Builder().dismiss(name, context.path(), why).build();
    }
    SharedRegistries shared = context.shared();
    Segment overriding = shared.overriding();
    // One with a path is the prefix of a project's own images, not a registry that replaces others.
    boolean prefix = overriding != null && overriding.text().contains("/");
    boolean replaced = overriding != null && !(prefix && ownRegistry);
    Segment above = null;
    if (replaced) {
      above = overriding;
    } else if (!ownRegistry && !RegistryName.beginsName(name.text())) {
      above = shared.fallback();
    }
    Segment effective = above == null ? registry : above;
    // A map's own registry wins over global.image.registry; where it has the key, that is written.
    boolean own = registry != null && !replaced;
    ImageSite site =
        ImageSite.ofFields(
                Layout.MAP,
                context.path(),
                completed(mapping, Readings.image(effective, name, tag, digest, shared.tag())),
                own ? registry : effective,
                name,
                tag,
                digest,
                mapping)
            .below(standing(shared, name, prefix && ownRegistry));
    return new Claim.Builder()
        .siteAlone(site)
        .take(registry)
        .take(name)
        .take(tag)
        .take(digest)
        .build();
  }

  /** The reading, or why it is not the whole of the image. */
  private static Reading completed(SourceMapping mapping, Reading reading) {
    for (SourceMapping.Entry entry : mapping.entries()) {
      String key = entry.name();
      String value = MapFields.text(mapping, key);
      boolean says = !value.isEmpty() && !value.equals("false") && !value.equals("~");
      boolean completes =
          COMPLETING.contains(key)
              || (!key.equals("imageDigest")
                  // A switch (useDigest: true) completes nothing.
                  && !value.equals("true")
                  && DIGEST_OF_ONE.matcher(key).matches());
      if (says && completes && reading instanceof Reading.Image) {
        return new Reading.Unclear(
            LeftReason.NOT_WRITABLE,
            "the chart completes this with '%s: %s', and behind a digest that is no image"
                .formatted(key, value),
            reading.toString());
      }
    }
    return reading;
  }

  /** The registry further up that the chart may put before a name that has none. */
  private static @Nullable Segment standing(SharedRegistries shared, Segment name, boolean own) {
    if (own || RegistryName.beginsName(name.text())) {
      return null;
    }
    return shared.overriding() == null ? shared.fallback() : shared.overriding();
  }

  /** Why a map with a repository is no image's, or null where it is one. */
  private static @Nullable String notARepository(
      SourceMapping mapping, Segment name, boolean fields, SiteContext context) {
    String value = name.text();
    if (value.isEmpty()) {
      return "an empty repository: the chart chooses the image";
    }
    if (ImageWords.url(value)) {
      return "a URL";
    }
    if (context.key().equals("dependencies") || context.document().chartFile()) {
      return "a chart's dependency";
    }
    if (context.isImage()) {
      return null;
    }
    for (String key : GIT_KEYS) {
      if (mapping.entry(key) != null) {
        return "a git repository (it has '%s' beside it)".formatted(key);
      }
    }
    if (value.startsWith("github.com/")
        || value.startsWith("gitlab.com/")
        || value.endsWith(".git")) {
      return "a git repository";
    }
    if (ImageWords.templated(value)) {
      return "filled in by something else";
    }
    if (ImageWords.reference(value).isEmpty()) {
      return "not a repository of images";
    }
    return fields || ImageWords.knownRegistry(value) ? null : "nothing beside it tells of an image";
  }
}
