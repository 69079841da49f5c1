package io.entrepot.sites.format;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text whose key says that it is an image: {@code image}, {@code fooImage}, {@code FOO_IMAGE}.
 */
final class ImageKeys implements Format {

  private static final Pattern IMAGE_SUFFIX = Pattern.compile("(?i)[-_.]?image$");

  private static final Pattern NAME_SUFFIX = Pattern.compile("(?i)(?<=image)[-_.]?name$");

  private static final List<String> VERSION_SUFFIXES =
      List.of(
          "Version", "-version", "_version", "_VERSION", ".version", "Tag", "-tag", "_tag", "_TAG");

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    SourceMapping holder = context.holder();
    String key = context.key();
    if (context.inList() || holder == null) {
      return Claim.NONE;
    }
    // GitHub's jobs run in what their key container names.
    boolean job = key.equals("container") && context.path().startsWith("jobs");
    if (!job && !ImageWords.imageKey(key)) {
      return Claim.NONE;
    }
    if (context.outerKey().equals("target")
        && context.document().kind().name().equals("Kustomization")) {
      return Claim.dismissed(text, context.path(), "a patch's target, which says what is patched");
    }
    if (context.outerKey().equals("rbd")) {
      return Claim.dismissed(text, context.path(), "a block device of Ceph");
    }
    if (context.outerKey().equals("destinations")) {
      return Claim.dismissed(text, context.path(), "where a build is pushed to");
    }
    String value = text.value().strip();
    boolean container = context.inContainer();
    String why = notAnImage(key, value, container || job);
    if (why != null) {
      return Claim.dismissed(text, context.path(), why);
    }
    Segment whole = Segment.whole(text, context.alias());
    Segment version = ImageWords.bare(value) ? version(key, holder) : null;
    if (version != null) {
      String joined =
          "no tag of its own: whoever reads this joins it with '%s' on line %d, and behind a digest that is no image"
              .formatted(version.text(), version.line());
      return Claim.of(
          ImageSite.ofPart(
              context.path(), new Reading.Unclear(LeftReason.NOT_WRITABLE, joined, value), whole));
    }
    return Claim.of(ImageSite.ofReference(Layout.STRING, context.path(), whole));
  }

  /** The field from which the reader of a bare image takes its version, or null. */
  private static @Nullable Segment version(String key, SourceMapping holder) {
    Segment beside = MapFields.find(holder, "version");
    if (beside != null && !beside.isEmpty()) {
      return beside;
    }
    String plain = NAME_SUFFIX.matcher(key).replaceFirst("");
    Matcher about = IMAGE_SUFFIX.matcher(plain);
    String stem = about.find() ? plain.substring(0, about.start()) : plain;
    for (String before : List.of(key, plain, stem)) {
      for (String suffix : VERSION_SUFFIXES) {
        Segment found = before.isEmpty() ? null : MapFields.find(holder, before + suffix);
        if (found != null && !found.isEmpty()) {
          return found;
        }
      }
    }
    return null;
  }

  /** Why a value under an image key is none, or null where it is one. */
  private static @Nullable String notAnImage(String key, String value, boolean container) {
    if (ImageWords.url(value)) {
      return "a URL";
    }
    if (ImageWords.picture(value)) {
      return "the name of a picture or disk image";
    }
    boolean host = RegistryName.beginsName(value);
    boolean exact = key.equals("image");
    if (ImageWords.templated(value)) {
      return exact || container || host ? null : "filled in by something else";
    }
    Optional<ImageReference> parsed = ImageWords.reference(value);
    if (parsed.isEmpty()) {
      boolean meant = value.contains("@sha256:") || (container && exact);
      return meant ? null : "not an image reference";
    }
    ImageReference reference = parsed.get();
    if (reference.digest() != null || (reference.tag() != null && !ImageWords.address(value))) {
      return null;
    }
    if (reference.tag() != null) {
      return "an address with a port";
    }
    return host || (exact && (value.contains("/") || container))
        ? null
        : "a bare word, which may be anything";
  }
}
