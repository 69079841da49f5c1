package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/**
 * The name of an image: a repository with a tag, a digest, both or neither.
 *
 * <p>{@link #toString()} is canonical and parses back to an equal value.
 */
public record ImageReference(Repository repository, @Nullable Tag tag, @Nullable Digest digest)
    implements Comparable<ImageReference> {

  private static final int MAX_LENGTH = 1024;

  /**
   * Parses a reference with Docker's rules for short names; nothing is added for a missing tag.
   *
   * @throws MalformedException naming the part that is wrong
   */
  public static ImageReference parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new MalformedException(
          "not an image reference: longer than %d characters".formatted(MAX_LENGTH));
    }
    if (text.isEmpty()) {
      throw new MalformedException("not an image reference: empty");
    }
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    Tag tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = new Tag(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    try {
      return new ImageReference(Repository.parseName(rest), tag, digest);
    } catch (MalformedException e) {
      throw new MalformedException(
          "not an image reference: '%s': %s"
              .formatted(MalformedException.printable(text), e.getMessage()),
          e);
    }
  }

  /** The same image by digest alone. */
  public ImageReference pinnedTo(Digest pinned) {
    return new ImageReference(repository, null, pinned);
  }

  /** This reference, with {@code latest} where it has neither tag nor digest. */
  public ImageReference orLatest() {
    return tag == null && digest == null ? repository.tagged(Tag.LATEST) : this;
  }

  /** What a registry is asked for: the digest where there is one, else the tag, else latest. */
  public String identifier() {
    if (digest != null) {
      return digest.toString();
    }
    return tag == null ? Tag.LATEST.value() : tag.value();
  }

  /** The registry. */
  public RegistryName registry() {
    return repository.registry();
  }

  /** By what is written, character by character. */
  @Override
  public int compareTo(ImageReference other) {
    // A lock of thousands of images is looked up by this order: texts are made only where the paths
    // or the tags of one repository are no answer.
    int different = repository.firstDifference(other.repository);
    if (different != 0) {
      return different;
    }
    return tag != null
            && other.tag != null
            && digest == null
            && other.digest == null
            && repository.equals(other.repository)
        ? tag.compareTo(other.tag)
        : toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }
}
