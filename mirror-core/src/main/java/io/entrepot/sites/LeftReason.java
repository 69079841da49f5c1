package io.entrepot.sites;

/** Why something was left as it is. */
public enum LeftReason {
  /** The lock does not hold the image. */
  NOT_LOCKED,
  /** The image is built here: no mirror holds it. */
  FIRST_PARTY,
  /** Everything that its tag has had is too young: it waits, and nobody has to do anything. */
  WAITING,
  /** The policy refuses it. */
  REFUSED,
  /** The policy asks for something that nobody knows of it. */
  NOT_JUDGED,
  /** A registry was asked and gave no usable answer. */
  UNRESOLVED,
  /** The registry's limit of pulls is used up: the same run later may succeed. */
  POSTPONED,
  /** The chart chooses the tag. */
  EMPTY_TAG,
  /** A tag without a repository: the chart names the image. */
  NO_REPOSITORY,
  /** A digest without a repository: the chart names the image, and nothing is open. */
  DIGEST_ALONE,
  /** The value is filled in by something else. */
  TEMPLATED,
  /** Where a reference is expected stands something that is none. */
  NOT_A_REFERENCE,
  /** An anchor's users want different things. */
  SHARED,
  /** There is no field that can hold the digest, or the text cannot be edited in place. */
  NOT_WRITABLE,
  /** Rendering shows that more than a name and a digest would change. */
  RENDERS_OTHERWISE,
  /** A range of versions, which no digest pins. */
  RANGE,
  /** Only one of two sides has the site. */
  ONE_SIDED,
  /** The file cannot be read as YAML, or one of its keys is doubled. */
  UNREADABLE,
  /** A Helm template; its images come from values. */
  TEMPLATE_FILE;

  /** Whether somebody must do something before every image is pinned. */
  public boolean blocks() {
    return this != TEMPLATE_FILE && this != DIGEST_ALONE && this != FIRST_PARTY && this != WAITING;
  }
}
