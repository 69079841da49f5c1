package io.entrepot.registry;

/**
 * How a blob came to be in the repository.
 *
 * @param outcome what happened
 * @param bytes bytes sent for it
 */
public record BlobPush(Outcome outcome, long bytes) {

  /** The ways. */
  public enum Outcome {
    /** It was there. */
    PRESENT,
    /** The registry took it over from another of its repositories. */
    MOUNTED,
    /** Its bytes were sent. */
    UPLOADED
  }
}
