package io.entrepot.verify;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Why an image is not what is required.
 *
 * @param platform the platform concerned, or null for the whole image
 * @param digest the content at fault, or null where there is none
 * @param message what is wrong, without the image's name
 * @param remedy what a person can do
 */
public record Problem(
    Kind kind,
    ImageReference image,
    @Nullable Platform platform,
    @Nullable Digest digest,
    String message,
    String remedy) {

  /** The ways to be wrong. */
  public enum Kind {
    /** One manifest where a list is required. */
    NOT_A_LIST,
    /** An artifact where an image is required. */
    NOT_AN_IMAGE,
    /** No entry for a required platform. */
    NO_ENTRY,
    /** Several different entries for one platform. */
    DOUBLE_ENTRY,
    /** Content that is named but not there. */
    MISSING_CONTENT,
    /** Content that is not what its descriptor says, or cannot be read. */
    BROKEN_CONTENT,
    /** Entry and configuration name different platforms. */
    PLATFORM_DISAGREES,
    /** The program is for another processor or operating system. */
    WRONG_BINARY,
    /** Lists within lists deeper, or more entries, than is followed. */
    TOO_LARGE
  }

  /** One line with the image, what is wrong and what to do. */
  @Override
  public String toString() {
    return "%s: %s%s%s; %s"
        .formatted(
            image,
            platform == null ? "" : platform + ": ",
            message,
            digest == null || message.contains(digest.toString()) ? "" : " (" + digest + ")",
            remedy);
  }
}
