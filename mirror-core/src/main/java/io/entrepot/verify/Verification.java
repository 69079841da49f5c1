package io.entrepot.verify;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.List;

/**
 * What the verification of one image found.
 *
 * @param digest of the root manifest
 * @param platforms one finding for each required platform, in the order asked
 * @param problems empty when all is well
 * @param notes what is odd but breaks nothing
 */
public record Verification(
    ImageReference reference,
    Digest digest,
    List<PlatformFinding> platforms,
    List<Problem> problems,
    List<String> notes) {

  /** Copies the lists. */
  public Verification {
    platforms = List.copyOf(platforms);
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }

  /** Whether nothing speaks against the image. */
  public boolean ok() {
    return problems.isEmpty();
  }
}
