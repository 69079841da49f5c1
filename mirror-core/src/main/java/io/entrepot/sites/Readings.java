package io.entrepot.sites;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/** What texts mean as images and charts. */
public final class Readings {

  private static final String SHA256 = "sha256:";
  private static final String FILLED_IN = "filled in by something else";

  private Readings() {}

  /** A whole reference. */
  public static Reading image(String value) {
    if (ImageWords.templated(value)) {
      return new Reading.Unclear(LeftReason.TEMPLATED, FILLED_IN, value);
    }
    try {
      return new Reading.Image(ImageReference.parse(value));
    } catch (MalformedException e) {
      return new Reading.Unclear(LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), value);
    }
  }

  /**
   * An image whose parts stand in fields of their own.
   *
   * @param sharedTag a tag further up that holds for images without one, or null
   */
  public static Reading image(
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable Segment sharedTag) {
    String host = registry == null ? "" : registry.text();
    String full =
        host.isEmpty() || name.text().startsWith(host + "/")
            ? name.text()
            : ImageWords.withoutLastSlashes(host) + "/" + name.text();
    String tagText = tag == null ? "" : tag.text();
    String digestText = digest == null ? "" : digest.text();
    String written =
        full
            + (tagText.isEmpty() ? "" : ":" + tagText)
            + (digestText.isEmpty() || tagText.contains("@") ? "" : "@" + digestText);
    if (ImageWords.templated(full)
        || ImageWords.templated(tagText)
        || ImageWords.templated(digestText)) {
      return new Reading.Unclear(LeftReason.TEMPLATED, FILLED_IN, written);
    }
    try {
      ImageReference inName = ImageReference.parse(full);
      // A digest in the place of a tag is one: operators take it so.
      int at = tagText.startsWith(SHA256) ? -1 : tagText.indexOf('@');
      String plainTag = at < 0 ? tagText : tagText.substring(0, at);
      if (tagText.startsWith(SHA256)) {
        return new Reading.Image(inName.repository().at(Digest.parse(tagText)));
      }
      Digest pinned = at >= 0 ? Digest.parse(tagText.substring(at + 1)) : inName.digest();
      if (!digestText.isEmpty()) {
        pinned = Digest.parse(digestText.contains(":") ? digestText : "sha256:" + digestText);
      }
      Tag parsedTag = plainTag.isEmpty() ? inName.tag() : new Tag(plainTag);
      if (parsedTag == null && pinned == null) {
        return new Reading.Unclear(LeftReason.EMPTY_TAG, withoutTag(sharedTag), written);
      }
      return new Reading.Image(new ImageReference(inName.repository(), parsedTag, pinned));
    } catch (MalformedException e) {
      return new Reading.Unclear(
          LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), written);
    }
  }

  private static String withoutTag(@Nullable Segment shared) {
    return shared == null
        ? "no tag: the chart chooses it"
        : "no tag of its own: global.imageTag on line %d is shared, and one field cannot hold several digests"
            .formatted(shared.line());
  }

  /**
   * A chart.
   *
   * @param name below the address, or null where the address is the whole of it
   * @param version as written; empty where none is
   */
  public static Reading chart(
      @Nullable Segment name, Segment address, String version, @Nullable Segment digest) {
    String full =
        ImageWords.withoutLastSlashes(address.text()) + (name == null ? "" : "/" + name.text());
    try {
      ImageReference parsed = ImageReference.parse(full);
      String stated = parsed.tag() == null ? version : parsed.tag().value();
      Digest pinned =
          digest == null || digest.isEmpty() ? parsed.digest() : Digest.parse(digest.text());
      return new Reading.Chart(parsed.repository(), stated.isEmpty() ? null : stated, pinned);
    } catch (MalformedException e) {
      return new Reading.Unclear(LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), full);
    }
  }
}
