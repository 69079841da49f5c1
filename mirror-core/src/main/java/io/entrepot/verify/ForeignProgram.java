package io.entrepot.verify;

import io.entrepot.oci.Platform;
import java.util.Optional;

/** Tells machine code of another architecture by a file's first bytes. */
public final class ForeignProgram {

  /** How many first bytes are looked at. */
  public static final int HEAD_BYTES = Program.HEAD_BYTES;

  private ForeignProgram() {}

  /** What the program is made for; empty where it runs on the platform, or is no machine code. */
  public static Optional<String> of(byte[] head, Platform platform) {
    return Program.of(head) instanceof Program.Native code
            && !code.architecture().equals(platform.architecture())
            && !(code.architecture().equals("386") && platform.architecture().equals("amd64"))
        ? Optional.of(code.toString())
        : Optional.empty();
  }
}
