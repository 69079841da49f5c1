package io.entrepot.cli.command;

import io.entrepot.layout.LayoutReference;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where one image is copied from or to: a registry, or an image layout.
 *
 * @param reference of the image; for a layout a name that only this run knows
 * @param layout null for a registry
 */
record CopyEnd(ImageReference reference, @Nullable LayoutReference layout) {

  /** The registry under which a run knows the images of layouts. */
  private static final RegistryName LAYOUT = new RegistryName("oci");

  /** Reads what stands on the command line. */
  static CopyEnd parse(Invocation context, String text) {
    try {
      Optional<LayoutReference> layout = LayoutReference.parse(text);
      if (layout.isEmpty()) {
        return new CopyEnd(ImageReference.parse(text), null);
      }
      LayoutReference named = layout.get();
      String directory =
          String.valueOf(named.path().getFileName())
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^a-z0-9]+", "-")
              .replaceAll("^-+|-+$", "");
      Repository repository = new Repository(LAYOUT, directory.isEmpty() ? "layout" : directory);
      Optional<Tag> tag = tagOf(named.name());
      return new CopyEnd(
          new ImageReference(repository, tag.orElse(null), null),
          named.at(context.file(named.path())));
    } catch (MalformedException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The source that stands on the command line. An image of a layout that is named as its source,
   * as {@code mirror --to} names them, goes by that name: a policy knows it by no other.
   */
  static CopyEnd source(Invocation context, String text) {
    CopyEnd end = parse(context, text);
    String name = end.layout == null ? null : end.layout.name();
    if (name == null || !RegistryName.beginsName(name)) {
      return end;
    }
    try {
      ImageReference named = ImageReference.parse(name);
      return new CopyEnd(new ImageReference(named.repository(), named.tag(), null), end.layout);
    } catch (MalformedException e) {
      return end;
    }
  }

  /** The tag that a name in a layout is, or ends with. */
  private static Optional<Tag> tagOf(@Nullable String name) {
    if (name == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Tag(name.substring(name.lastIndexOf(':') + 1)));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** The tag with which the image is known elsewhere, or null for one that is given by digest. */
  @Nullable Tag tag() {
    Tag tag = reference.tag();
    return tag != null || layout != null ? tag : reference.orLatest().tag();
  }

  @Nullable Digest digest() {
    return reference.digest();
  }

  /** The image as the run names it, by a tag where none is known. */
  ImageReference named() {
    return reference.orLatest();
  }
}
