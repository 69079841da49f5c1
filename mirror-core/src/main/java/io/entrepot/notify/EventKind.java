package io.entrepot.notify;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can happen that somebody wants to know. */
public enum EventKind {
  /** A tag of a copy means another digest now. */
  MOVED("Moved"),
  /** An image is not what is required. */
  REFUSED("Refused"),
  /** A digest is too young to be admitted. */
  WAITING("Waiting"),
  /** The policy denies a digest. */
  DENIED("Denied"),
  /** Something went wrong. */
  FAILED("Failed"),
  /** What was refused or failed is well again. */
  RECOVERED("Recovered"),
  /** A registry's quota of pulls is used up. */
  QUOTA("Pull quota used up"),
  /** Stored bytes do not have their digest any more. */
  CORRUPT("Corrupt content"),
  /** The store cannot be written. */
  DISK("Disk");

  private final String title;

  EventKind(String title) {
    this.title = title;
  }

  /** As people read it. */
  public String title() {
    return title;
  }

  /** As configuration and events spell it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether somebody has to do something. */
  boolean isTrouble() {
    return switch (this) {
      case REFUSED, DENIED, FAILED, QUOTA, CORRUPT, DISK -> true;
      case MOVED, WAITING, RECOVERED -> false;
    };
  }

  /**
   * The kind of a word.
   *
   * @throws IllegalArgumentException for another word
   */
  static EventKind of(String word) {
    return Arrays.stream(values())
        .filter(kind -> kind.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not an event: '%s' (known are %s)"
                        .formatted(
                            word,
                            Arrays.stream(values())
                                .map(EventKind::word)
                                .collect(Collectors.joining(", ")))));
  }
}
