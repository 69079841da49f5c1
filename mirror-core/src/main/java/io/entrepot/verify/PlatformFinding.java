package io.entrepot.verify;

import io.entrepot.oci.Platform;
import java.util.List;

/**
 * What was found of one platform.
 *
 * @param present whether everything that was asked is there and agrees
 * @param evidence what was looked at and held, in order: {@code entry}, {@code manifest}, {@code
 *     config}, {@code binary /bin/busybox (ELF arm64)}, or {@code not judged: why}
 */
public record PlatformFinding(Platform platform, boolean present, List<String> evidence) {

  /** Copies the list. */
  public PlatformFinding {
    evidence = List.copyOf(evidence);
  }

  /** The evidence in one line. */
  public String evidenceLine() {
    return String.join(", ", evidence);
  }
}
