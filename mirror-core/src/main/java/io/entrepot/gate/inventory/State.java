package io.entrepot.gate.inventory;

import java.util.Locale;

/** What is remarkable about an image, in the order of reports. */
public enum State {
  /** It runs, and nothing in the tree names it. */
  NOT_IN_GIT("It runs, and nothing in git names it"),
  /** The tree names it, and nothing runs it. */
  NOT_RUNNING("Git names it, and nothing runs it"),
  /** It runs with another digest than the tree pins. */
  DIGEST_DIFFERS("It runs with another digest than git pins"),
  /** The lock does not hold it. */
  NOT_MIRRORED("The mirror's lock does not hold it"),
  /** Its source has another digest than the lock. */
  MOVED("Its source has another digest than the lock"),
  /** Its source says that it is not there. */
  GONE("Its source says that it is not there"),
  /** A platform that a target needs is not there. */
  PLATFORM_MISSING("A platform that a target needs is not there"),
  /** It is pulled from Docker Hub. */
  DOCKER_HUB("It is pulled from Docker Hub"),
  /** The policy denies it. */
  DENIED("The policy denies it"),
  /** The policy admits it later. */
  TOO_YOUNG("It is younger than the policy admits"),
  /** The policy asks for a signature or attestation that it does not have. */
  UNSIGNED("It lacks the signature or attestation that the policy asks for");

  private final String title;

  State(String title) {
    this.title = title;
  }

  /** The word in reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The state in a sentence. */
  public String title() {
    return title;
  }
}
