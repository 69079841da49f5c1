package io.entrepot.oci;

import java.util.regex.Pattern;

/** A tag: at most 128 characters (distribution-spec 1.1, "Pulling manifests"). */
public record Tag(String value) implements Comparable<Tag> {

  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  /** What is meant where no tag is written. */
  public static final Tag LATEST = new Tag("latest");

  /** Checks the grammar. */
  public Tag {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new MalformedException(
          "not a tag: '%s' (letters, digits, and . _ - ; at most 128)"
              .formatted(MalformedException.printable(value)));
    }
  }

  /**
   * The tag under which referrers of {@code subject} are listed where a registry has no referrers
   * API (distribution-spec 1.1, "Referrers tag schema").
   */
  public static Tag referrersOf(Digest subject) {
    return new Tag(subject.algorithm().prefix() + "-" + shortened(subject));
  }

  /**
   * The tag of cosign's older attachments: {@code sha256-<hex>.sig}, {@code .att}, {@code .sbom}.
   */
  public static Tag attachmentOf(Digest subject, String suffix) {
    return new Tag(subject.algorithm().prefix() + "-" + shortened(subject) + "." + suffix);
  }

  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }

  // The tag schema truncates what would not fit a tag; sha512 is 128 digits.
  private static String shortened(Digest subject) {
    return subject.hex().substring(0, Math.min(64, subject.hex().length()));
  }
}
